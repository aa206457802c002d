/*
 * The floor on io_uring: what floor.c does, without a system call for each
 * recv and send. One thread; recv and accept are asked for once (multishot), the
 * kernel picks the buffers, and what is to be sent is handed over when the
 * thread next waits.
 *
 *	uring PORT        listens on 127.0.0.1:PORT until it is ended
 *
 * It confesses: a request that comes in pieces, or is longer than 4 KiB, ends
 * the connection, and it never looks whether an answer was sent whole.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HELLO "Content-Length: 14\r\n\r\nHello, World!\n"
#define ANSWER HEAD HELLO
#define LAST HEAD "Connection: close\r\n" HELLO
#define BUFFERS 1024
#define SIZE 4096
#define MOST (SIZE / 4 * (int)sizeof ANSWER)

enum { ACCEPT, RECV, SEND };

static struct io_uring ring;
static struct io_uring_buf_ring *free_buffers;
static char *buffers, answers[MOST];

static struct io_uring_sqe *entry(void)
{
	struct io_uring_sqe *s;
	while ((s = io_uring_get_sqe(&ring)) == NULL)
		io_uring_submit(&ring);
	return s;
}

/* mark says what an entry is, after the preparation, which clears it. */
static void mark(struct io_uring_sqe *s, int what, int fd)
{
	io_uring_sqe_set_data64(s, (__u64)what << 32 | (unsigned)fd);
}

static void want(int fd)
{
	struct io_uring_sqe *s = entry();
	io_uring_prep_recv_multishot(s, fd, NULL, 0, 0);
	s->flags |= IOSQE_BUFFER_SELECT;
	s->buf_group = 1;
	mark(s, RECV, fd);
}

static void send_all(int fd, const char *p, size_t n)
{
	struct io_uring_sqe *s = entry();
	io_uring_prep_send(s, fd, p, n, MSG_NOSIGNAL | MSG_WAITALL);
	s->flags |= IOSQE_CQE_SKIP_SUCCESS;
	mark(s, SEND, fd);
}

/* serve answers the requests in p. 0: the connection ends. */
static int serve(int fd, char *p, size_t n)
{
	size_t used = 0;
	int count = 0;
	while (used < n) {
		char *at = p + used, *stop = memmem(at, n - used, "\r\n\r\n", 4);
		if (stop == NULL)
			return 0;
		if (memmem(at, stop - at, "Connection: close", 17) != NULL) {
			/* Few of these: a call is good enough, and in order. */
			send(fd, answers, count * (sizeof ANSWER - 1), MSG_NOSIGNAL);
			send(fd, LAST, sizeof LAST - 1, MSG_NOSIGNAL);
			return 0;
		}
		count++;
		used = stop + 4 - p;
	}
	send_all(fd, answers, count * (sizeof ANSWER - 1));
	return 1;
}

static void give_back(int id)
{
	io_uring_buf_ring_add(free_buffers, buffers + (size_t)id * SIZE, SIZE, id, io_uring_buf_ring_mask(BUFFERS), 0);
	io_uring_buf_ring_advance(free_buffers, 1);
}

static void received(struct io_uring_cqe *q, int fd)
{
	int goes_on = q->flags & IORING_CQE_F_MORE, alive = 1;
	if (q->res > 0) {
		int id = q->flags >> IORING_CQE_BUFFER_SHIFT;
		alive = serve(fd, buffers + (size_t)id * SIZE, q->res);
		give_back(id);
	} else if (q->res != -ENOBUFS) {
		alive = 0;
	}
	if (!alive) {
		shutdown(fd, SHUT_RDWR); /* which ends a recv that is still asked for */
		if (!goes_on)
			close(fd);
	} else if (!goes_on) {
		want(fd);
	}
}

static int begin(int port)
{
	int one = 1, l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (bind(l, (void *)&a, sizeof a) || listen(l, SOMAXCONN))
		return -1;
	struct io_uring_params p = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE, .cq_entries = 8192 };
	struct io_uring_buf_reg reg = { .ring_entries = BUFFERS, .bgid = 1 };
	if (io_uring_queue_init_params(1024, &ring, &p) || posix_memalign((void **)&free_buffers, 4096, BUFFERS * sizeof(struct io_uring_buf)))
		return -1;
	reg.ring_addr = (unsigned long)free_buffers;
	if ((buffers = malloc((size_t)BUFFERS * SIZE)) == NULL || io_uring_register_buf_ring(&ring, &reg, 0))
		return -1;
	io_uring_buf_ring_init(free_buffers);
	for (int i = 0; i < BUFFERS; i++)
		give_back(i);
	for (char *at = answers; at + sizeof ANSWER <= answers + MOST; at += sizeof ANSWER - 1)
		memcpy(at, ANSWER, sizeof ANSWER - 1);
	struct io_uring_sqe *s = entry();
	io_uring_prep_multishot_accept(s, l, NULL, NULL, SOCK_CLOEXEC);
	mark(s, ACCEPT, l);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (begin(argc > 1 ? atoi(argv[1]) : 0)) {
		perror("uring");
		return 1;
	}
	for (;;) {
		struct io_uring_cqe *q;
		unsigned head, n = 0;
		io_uring_submit_and_wait(&ring, 1);
		io_uring_for_each_cqe(&ring, head, q) {
			int what = q->user_data >> 32, fd = (int)q->user_data;
			n++;
			if (what == ACCEPT && q->res >= 0)
				want(q->res);
			else if (what == RECV)
				received(q, fd);
		}
		io_uring_cq_advance(&ring, n);
	}
}
