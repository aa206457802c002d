/*
 * The floor: what the kernel's work alone costs. One thread, epoll, a canned
 * answer; it looks for the end of a head and for two fields, and parses
 * nothing else. No server that reads HTTP can be expected to go below it.
 *
 *	floor PORT        listens on 127.0.0.1:PORT until it is ended
 *
 * It confesses: requests over 16 KiB end the connection, and it never waits
 * for room to send, because what it sends is small.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HELLO "Content-Length: 14\r\n\r\nHello, World!\n"
#define MAX (16 << 10)

struct rest { size_t n; char bytes[MAX]; };

static struct rest **rests; /* by descriptor: a request that has not come whole */
static char in[2 * MAX], out[8 * MAX];

static void end(int fd)
{
	free(rests[fd]);
	rests[fd] = NULL;
	close(fd);
}

/* answer appends the answers to what is in p and says how many bytes it used. */
static size_t answer(char *p, size_t n, size_t *o, int *closes)
{
	size_t used = 0;
	while (used < n) {
		char *at = p + used, *stop = memmem(at, n - used, "\r\n\r\n", 4);
		if (stop == NULL)
			break;
		size_t head = stop + 4 - at, body = 0;
		if (*at == 'P') {
			char *length = memmem(at, head, "Content-Length: ", 16);
			body = length != NULL ? strtoul(length + 16, NULL, 10) : 0;
			if (used + head + body > n)
				break;
		}
		if (*o + sizeof HEAD + 64 + body > sizeof out)
			break;
		memcpy(out + *o, HEAD, sizeof HEAD - 1);
		*o += sizeof HEAD - 1;
		if (memmem(at, head, "Connection: close", 17) != NULL) {
			*closes = 1;
			*o += sprintf(out + *o, "Connection: close\r\n");
		}
		if (body > 0) {
			*o += sprintf(out + *o, "Content-Length: %zu\r\n\r\n", body);
			memcpy(out + *o, stop + 4, body);
			*o += body;
		} else {
			memcpy(out + *o, HELLO, sizeof HELLO - 1);
			*o += sizeof HELLO - 1;
		}
		used += head + body;
	}
	return used;
}

static void serve(int fd)
{
	size_t n = 0, used = 0, o = 0;
	int closes = 0;
	if (rests[fd] != NULL) {
		n = rests[fd]->n;
		memcpy(in, rests[fd]->bytes, n);
		free(rests[fd]);
		rests[fd] = NULL;
	}
	ssize_t got = recv(fd, in + n, MAX, MSG_DONTWAIT);
	if (got <= 0) {
		end(fd);
		return;
	}
	n += got;
	used = answer(in, n, &o, &closes);
	if (o > 0 && send(fd, out, o, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)o)
		closes = 1;
	if (closes || n - used >= MAX) {
		end(fd);
		return;
	}
	if (used < n) {
		rests[fd] = malloc(sizeof **rests);
		rests[fd]->n = n - used;
		memcpy(rests[fd]->bytes, in + used, n - used);
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	rests = calloc(limit.rlim_cur, sizeof *rests);

	int one = 1, l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0) };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (rests == NULL || bind(l, (void *)&a, sizeof a) || listen(l, SOMAXCONN)) {
		perror("floor");
		return 1;
	}
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = l }, ready[256];
	epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev);
	for (;;) {
		int n = epoll_wait(ep, ready, 256, -1);
		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			if (fd == l) {
				int c;
				while ((c = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
					ev.data.fd = c;
					epoll_ctl(ep, EPOLL_CTL_ADD, c, &ev);
				}
			} else {
				serve(fd);
			}
		}
	}
}
