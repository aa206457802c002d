package http1

import "strings"

// target splits the target by its form, RFC 9112 3.2. at is where it begins in
// the head.
func (p *RequestParser) target(at int) bool {
	r := &p.Request
	switch t := r.Target; {
	case r.Method == "CONNECT":
		r.Form, r.Host = AuthorityForm, t
		return p.authority(t, at, true)
	case t[0] == '/':
		r.Path, r.RawQuery, r.HasQuery = cutQuery(t)
	case t == "*":
		r.Form, r.Path = AsteriskForm, t
		if r.Method != "OPTIONS" {
			p.m.fail(ruleTargetForm, at, "the target * with the method "+quote(r.Method)+"; only OPTIONS has it")
			return false
		}
	default:
		return p.absolute(at)
	}
	return p.percent(at)
}

// absolute splits scheme "://" authority path ["?" query].
func (p *RequestParser) absolute(at int) bool {
	r, t := &p.Request, p.Request.Target
	scheme, rest, ok := strings.Cut(t, "://")
	if !ok {
		p.m.fail(ruleTargetForm, at, "the target "+quote(t)+" begins neither with / nor with http:// nor https://")
		return false
	}
	if !equalFold(scheme, "http") && !equalFold(scheme, "https") {
		p.m.fail(ruleTargetScheme, at, "the scheme "+quote(scheme)+" is neither http nor https")
		return false
	}
	r.Form, r.Scheme = AbsoluteForm, scheme
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	r.Host = rest[:end]
	if !p.authority(r.Host, at+len(scheme)+3, false) {
		return false
	}
	r.Path, r.RawQuery, r.HasQuery = cutQuery(rest[end:])
	return p.percent(at + len(t) - len(rest) + end)
}

// authority checks the authority of a target, which begins at at.
func (p *RequestParser) authority(s string, at int, needsPort bool) bool {
	switch {
	case strings.IndexByte(s, '@') >= 0:
		p.m.fail(ruleUserinfo, at+strings.IndexByte(s, '@'), "the target's authority holds a user name: @")
	case !ValidHost(s):
		p.m.fail(ruleTargetAuthority, at, "the target's authority is "+quote(s))
	case needsPort && !hasPort(s):
		p.m.fail(ruleTargetAuthority, at, "CONNECT to "+quote(s)+" without a port")
	default:
		return true
	}
	return false
}

// percent checks the path's percent-encoding; the path begins at at. A query's
// is not checked: browsers send a bare "%" there.
func (p *RequestParser) percent(at int) bool {
	path := p.Request.Path
	for i := strings.IndexByte(path, '%'); i >= 0 && i < len(path); i++ {
		if path[i] == '%' && !percentHex(path[i:]) {
			p.m.fail(ruleTargetPercent, at+i, "the path holds "+quote(path[i:min(i+3, len(path))]))
			return false
		}
	}
	return true
}

func percentHex(s string) bool {
	return len(s) >= 3 && class[s[1]]&isHex != 0 && class[s[2]]&isHex != 0
}

func cutQuery(s string) (path, query string, has bool) {
	if i := strings.IndexByte(s, '?'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}
