package interop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type (
	text   = wrapperspb.StringValue
	number = wrapperspb.Int32Value
)

const (
	greetCall = "/interop.v1.Room/Greet" // unary
	countCall = "/interop.v1.Room/Count" // a stream of answers
	joinCall  = "/interop.v1.Room/Join"  // a stream of messages
	talkCall  = "/interop.v1.Room/Talk"  // both
	stayCall  = "/interop.v1.Room/Stay"  // a stream of answers that does not end by itself
)

// connectRoom is a service by ConnectRPC, which speaks gRPC and gRPC-Web too.
type connectRoom struct {
	*http.ServeMux
	left chan error // how the context ended, of calls of talk and stay
}

func newConnectRoom() *connectRoom {
	room := &connectRoom{http.NewServeMux(), make(chan error, 10)}
	room.Handle(greetCall, connect.NewUnaryHandler(greetCall, room.greet))
	room.Handle(countCall, connect.NewServerStreamHandler(countCall, room.count))
	room.Handle(joinCall, connect.NewClientStreamHandler(joinCall, room.join))
	room.Handle(talkCall, connect.NewBidiStreamHandler(talkCall, room.talk))
	room.Handle(stayCall, connect.NewServerStreamHandler(stayCall, room.stay))
	return room
}

func (room *connectRoom) greet(ctx context.Context, r *connect.Request[text]) (*connect.Response[text], error) {
	name := r.Msg.GetValue()
	if name == "" {
		err := connect.NewError(connect.CodeInvalidArgument, errors.New("who is it? 誰ですか"))
		err.Meta().Set("Room-Rule", "say your name")
		if detail, bad := connect.NewErrorDetail(wrapperspb.String("no name")); bad == nil {
			err.AddDetail(detail)
		}
		return nil, err
	}
	res := connect.NewResponse(wrapperspb.String("Hello, " + name))
	res.Header().Set("Room-Asked-By", r.Header().Get("Room-Visitor"))
	res.Trailer().Set("Room-Length", fmt.Sprint(len(name)))
	return res, nil
}

// count counts up to the number, and fails after three where that is negative.
func (room *connectRoom) count(ctx context.Context, r *connect.Request[number], out *connect.ServerStream[number]) error {
	out.ResponseHeader().Set("Room-Asked-By", r.Header().Get("Room-Visitor"))
	out.ResponseTrailer().Set("Room-Counted", fmt.Sprint(r.Msg.GetValue()))
	up := r.Msg.GetValue()
	for i := range max(up, 3) {
		if err := out.Send(wrapperspb.Int32(i)); err != nil {
			return err
		}
	}
	if up < 0 {
		return connect.NewError(connect.CodeOutOfRange, errors.New("cannot count down"))
	}
	return nil
}

func (room *connectRoom) join(ctx context.Context, in *connect.ClientStream[text]) (*connect.Response[text], error) {
	var all []string
	for in.Receive() {
		all = append(all, in.Msg().GetValue())
	}
	res := connect.NewResponse(wrapperspb.String(strings.Join(all, "+")))
	res.Trailer().Set("Room-Joined", fmt.Sprint(len(all)))
	return res, in.Err()
}

// talk answers each message in capitals before it hears the next.
func (room *connectRoom) talk(ctx context.Context, both *connect.BidiStream[text, text]) error {
	defer func() { room.left <- ctx.Err() }()
	both.ResponseHeader().Set("Room-Asked-By", both.RequestHeader().Get("Room-Visitor"))
	for n := 0; ; n++ {
		m, err := both.Receive()
		if errors.Is(err, io.EOF) {
			both.ResponseTrailer().Set("Room-Heard", fmt.Sprint(n))
			return nil
		}
		if err != nil {
			return err
		}
		if err := both.Send(wrapperspb.String(strings.ToUpper(m.GetValue()))); err != nil {
			return err
		}
	}
}

// stay says that it is there, and stays as long as the client does.
func (room *connectRoom) stay(ctx context.Context, r *connect.Request[text], out *connect.ServerStream[text]) error {
	if err := out.Send(r.Msg); err != nil {
		return err
	}
	<-ctx.Done()
	room.left <- ctx.Err()
	return ctx.Err()
}

// A dialect is a protocol that a client of ConnectRPC can speak.
type dialect struct {
	name       string
	compresses bool
	options    []connect.ClientOption
}

var (
	dialects = []dialect{
		{"Connect", false, nil},
		{"Connect in JSON, compressed", true, []connect.ClientOption{connect.WithProtoJSON(), connect.WithSendGzip()}},
		{"gRPC", false, []connect.ClientOption{connect.WithGRPC()}},
		{"gRPC-Web", false, []connect.ClientOption{connect.WithGRPCWeb()}},
	}
	wires = []wire{http1, secure1, h2c, http2}
)

// onEachDialect runs f for every way to speak to a service over this.
func onEachDialect(t *testing.T, over []wire, f func(*testing.T, wire, dialect)) {
	for _, w := range over {
		for _, d := range dialects {
			t.Run(string(w)+", "+d.name, func(t *testing.T) {
				wantNothingLeft(t)
				f(t, w, d)
			})
		}
	}
}

// caller makes a client for one call.
func caller[Req, Res any](s *server, d dialect, call string) *connect.Client[Req, Res] {
	return connect.NewClient[Req, Res](s.client, s.url+call, d.options...)
}
