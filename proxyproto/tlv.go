package proxyproto

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
)

// typeCRC32C is the one TLV that is more than a remark (PROXY 2.2.3).
const typeCRC32C = 0x03

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// noSum is what stands in the checksum's place while it is computed.
var noSum [4]byte

// checkTLVs walks over the TLVs of a whole header, from at on.
func checkTLVs(header []byte, at int) *Error {
	seen := false
	for at < len(header) {
		begin := at
		if len(header)-at < 3 {
			return &Error{ruleTLV, begin, strconv.Itoa(len(header)-at) + " bytes are left, too few for a TLV"}
		}
		length := int(binary.BigEndian.Uint16(header[at+1:]))
		at += 3
		if length > len(header)-at {
			return &Error{ruleTLV, begin, "a TLV of " + strconv.Itoa(length) + " bytes, where " + strconv.Itoa(len(header)-at) + " are left"}
		}
		if header[begin] == typeCRC32C {
			switch {
			case seen:
				return &Error{ruleChecksum, begin, "a second checksum"}
			case length != 4:
				return &Error{ruleChecksum, begin, "a checksum of " + strconv.Itoa(length) + " bytes"}
			}
			seen = true
			if err := checkSum(header, at); err != nil {
				return err
			}
		}
		at += length
	}
	return nil
}

// checkSum compares the checksum at with that of the header in which it is
// zero.
func checkSum(header []byte, at int) *Error {
	sum := crc32.Update(0, castagnoli, header[:at])
	sum = crc32.Update(sum, castagnoli, noSum[:])
	sum = crc32.Update(sum, castagnoli, header[at+4:])
	if stated := binary.BigEndian.Uint32(header[at:]); stated != sum {
		return &Error{ruleChecksum, at, fmt.Sprintf("the checksum is %08x, and that of the header %08x", stated, sum)}
	}
	return nil
}
