/* One NAL unit after the other, in either framing. */
#include "kvs/nal.h"
#include "platform/assert.h"
#include "scan.h"

/* The position behind the first start code, before which only zeros may stand; 0 when there is
 * none. */
static size_t skip_first_start_code(struct kvs_span bytes) {
    size_t zeros = 0;
    while (zeros < bytes.len && bytes.data[zeros] == 0) {
        zeros++;
    }
    bool found = zeros >= KVS_START_CODE_BYTES - 1 && zeros < bytes.len && bytes.data[zeros] == 1;
    return found ? zeros + 1 : 0;
}

struct kvs_nal_reader kvs_nal_reader_annexb(struct kvs_span bytes) {
    struct kvs_nal_reader reader = {bytes, 0, KVS_NAL_FRAMING_ANNEXB, 0, false};
    reader.position = skip_first_start_code(bytes);
    if (reader.position == 0) {
        reader.position = bytes.len;
        reader.malformed = true;
    }
    return reader;
}

struct kvs_nal_reader kvs_nal_reader_lengths(struct kvs_span bytes, uint8_t length_bytes) {
    KVS_ASSERT(length_bytes >= 1 && length_bytes <= 4, "a length has 1 to 4 bytes");
    struct kvs_nal_reader reader = {bytes, 0, KVS_NAL_FRAMING_LENGTHS, length_bytes, false};
    return reader;
}

static bool next_annexb(struct kvs_nal_reader *reader, struct kvs_span *nal) {
    const uint8_t *data = reader->bytes.data;
    while (reader->position < reader->bytes.len) {
        size_t start = reader->position;
        size_t code = kvs_find_start_code(reader->bytes, start);
        size_t end = code;
        /* trailing_zero_8bits and leading_zero_8bits; a NAL unit never ends with a zero. */
        while (end > start && data[end - 1] == 0) {
            end--;
        }
        bool last = code == reader->bytes.len;
        reader->position = last ? code : code + KVS_START_CODE_BYTES;
        if (end > start) {
            *nal = kvs_span_of(data + start, end - start);
            return true;
        }
    }
    return false;
}

static bool next_with_length(struct kvs_nal_reader *reader, struct kvs_span *nal) {
    const uint8_t *data = reader->bytes.data;
    while (reader->position < reader->bytes.len) {
        size_t left = reader->bytes.len - reader->position;
        size_t len = 0;
        for (size_t i = 0; i < reader->length_bytes && i < left; i++) {
            len = len << 8 | data[reader->position + i];
        }
        if (left < reader->length_bytes || len > left - reader->length_bytes) {
            reader->malformed = true;
            reader->position = reader->bytes.len;
            return false;
        }
        size_t start = reader->position + reader->length_bytes;
        reader->position = start + len;
        if (len != 0) {
            *nal = kvs_span_of(data + start, len);
            return true;
        }
    }
    return false;
}

bool kvs_nal_reader_next(struct kvs_nal_reader *reader, struct kvs_span *nal) {
    return reader->framing == KVS_NAL_FRAMING_ANNEXB ? next_annexb(reader, nal)
                                                     : next_with_length(reader, nal);
}
