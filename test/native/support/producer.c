#include "producer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "test.h"

static const struct kvs_mkv_track tracks[] = {
    {.track_id = 1, .type = KVS_TRACK_VIDEO, .codec_id = "V_TEST", .width = 640, .height = 360},
    {.track_id = 2,
     .type = KVS_TRACK_AUDIO,
     .codec_id = "A_TEST",
     .sampling_frequency = 48000,
     .channels = 2},
};

struct kvs_stream_config test_stream_config(bool with_audio) {
    struct kvs_stream_config config = {
        .name = "camera",
        .streaming_type = KVS_STREAMING_REALTIME,
        .store_pressure = KVS_STORE_PRESSURE_DROP_OLDEST,
        .fragment_acks = true,
        .retained = true,
        .absolute_timecodes = true,
        .key_frame_fragmentation = true,
        .fragment_duration_ns = 2000 * MS,
        .buffer_duration_ns = 60000 * MS,
        .replay_duration_ns = 60000 * MS,
        .timecode_scale_ns = 1000000,
        .nal_adaptation =
            KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE,
        .segment_uid = {1, 2, 3},
        .writing_app = "test",
        .tracks = tracks,
        .track_count = with_audio ? 2 : 1,
    };
    return config;
}

void producer_open(struct producer *producer, const struct kvs_stream_config *config) {
    const struct kvs_client_config client_config = {.storage_bytes = 10 * 1024 * 1024,
                                                    .allocator = kvs_test_allocator()};
    memset(producer, 0, sizeof *producer);
    producer->now_ns = TEST_EPOCH_MS * MS;
    CHECK_STATUS(kvs_client_new(&client_config, &producer->client), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(producer->client, config, 0, &producer->stream),
                 KVS_STATUS_SUCCESS);
}

void producer_close(struct producer *producer) {
    kvs_stream_destroy(producer->stream);
    struct kvs_client_metrics metrics;
    CHECK_STATUS(kvs_client_metrics(producer->client, &metrics), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics.storage_available_bytes,
             metrics.storage_bytes - metrics.storage_allocated_bytes);
    CHECK_EQ(metrics.stream_count, 0);
    CHECK_STATUS(kvs_client_destroy(producer->client), KVS_STATUS_SUCCESS);
}

kvs_status put(struct producer *producer, uint64_t track_id, bool key, int64_t pts_ms, size_t len) {
    static uint8_t bytes[11 * 1024 * 1024];
    memset(bytes, (uint8_t)pts_ms, len);
    const struct kvs_frame frame = {
        .flags = key ? KVS_FRAME_KEY : 0,
        .track_id = track_id,
        .pts_ns = (TEST_EPOCH_MS + pts_ms) * MS,
        .dts_ns = (TEST_EPOCH_MS + pts_ms) * MS,
        .duration_ns = 40 * MS,
        .data = {bytes, len},
    };
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

void put_fragment(struct producer *producer, int64_t pts_ms, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        CHECK_STATUS(put(producer, 1, i == 0, pts_ms + 40 * (int64_t)i, 100), KVS_STATUS_SUCCESS);
    }
}

kvs_status open_session(struct producer *producer) {
    struct kvs_session_start start = {0};
    kvs_status status = kvs_session_open(producer->stream, producer->now_ns, 0, &start);
    if (status == KVS_STATUS_SUCCESS) {
        producer->session_id = start.session_id;
        producer->start_ms = start.start_ns / MS;
    }
    return status;
}

kvs_status read_session(struct producer *producer, size_t step, uint8_t *out, size_t capacity,
                        size_t *len) {
    kvs_status status = KVS_STATUS_SUCCESS;
    *len = 0;
    while (status == KVS_STATUS_SUCCESS && *len < capacity) {
        size_t part = step < capacity - *len ? step : capacity - *len;
        size_t got = 0;
        status = kvs_session_read(producer->stream, producer->session_id, producer->now_ns,
                                  out + *len, part, &got);
        *len += got;
    }
    return status;
}

kvs_status ack_text(struct producer *producer, const char *text) {
    struct kvs_span span = kvs_span_of(text, strlen(text));
    kvs_status status = KVS_STATUS_SUCCESS;
    while (status == KVS_STATUS_SUCCESS && span.len > 0) {
        struct kvs_event event;
        status =
            kvs_session_ack_bytes(producer->stream, producer->session_id, producer->now_ns, &span);
        while (span.len > 0 && kvs_stream_next_event(producer->stream, &event)) {
        }
    }
    return status;
}

kvs_status ack(struct producer *producer, const char *event_type, int64_t timecode_ms) {
    char text[160];
    snprintf(text, sizeof text,
             "{\"EventType\":\"%s\",\"FragmentTimecode\":%" PRId64 ",\"FragmentNumber\":\"1\"}\n",
             event_type, timecode_ms);
    return ack_text(producer, text);
}

struct reader {
    const uint8_t *bytes;
    size_t len;
    size_t at;
};

static uint64_t read_number(struct reader *reader, bool keep_marker, bool *unknown) {
    if (reader->at >= reader->len || reader->bytes[reader->at] == 0) {
        *unknown = true;
        return 0;
    }
    uint32_t width = 1;
    while ((reader->bytes[reader->at] & (0x80u >> (width - 1))) == 0) {
        width++;
    }
    uint64_t value =
        keep_marker ? reader->bytes[reader->at] : reader->bytes[reader->at] & (0xffu >> width);
    bool ones = (reader->bytes[reader->at] | (0xffu << (8 - width) & 0xffu)) == 0xff;
    for (uint32_t i = 1; i < width && reader->at + i < reader->len; i++) {
        value = value << 8 | reader->bytes[reader->at + i];
        ones = ones && reader->bytes[reader->at + i] == 0xff;
    }
    reader->at += width;
    *unknown = ones;
    return value;
}

static bool is_container(uint64_t id) { return id == 0x18538067 || id == 0x1F43B675; }

bool parse_session(const uint8_t *bytes, size_t len, struct block *blocks, uint32_t capacity,
                   uint32_t *count) {
    struct reader reader = {bytes, len, 0};
    int64_t cluster = 0;
    bool opens = false;
    bool unknown = false;
    *count = 0;
    if (len < 4 || memcmp(bytes, "\x1A\x45\xDF\xA3", 4) != 0) {
        return false;
    }
    while (reader.at < len) {
        uint64_t id = read_number(&reader, true, &unknown);
        uint64_t size = read_number(&reader, false, &unknown);
        opens = opens || id == 0x1F43B675;
        if (is_container(id)) {
            continue;
        }
        if (unknown || size > len - reader.at) {
            return false;
        }
        const uint8_t *body = bytes + reader.at;
        reader.at += size;
        if (id == 0xE7) {
            cluster = 0;
            for (uint64_t i = 0; i < size; i++) {
                cluster = cluster << 8 | body[i];
            }
        } else if (id == 0xA3 && *count < capacity) {
            int16_t relative = (int16_t)(uint16_t)(body[1] << 8 | body[2]);
            struct block block = {cluster + relative, body[0] & 0x7f, (body[3] & 0x80) != 0, opens,
                                  size - 4,           body[4]};
            blocks[(*count)++] = block;
            opens = false;
        }
    }
    return true;
}

uint32_t occurrences(const void *bytes, size_t len, const void *part, size_t part_len) {
    const uint8_t *at = bytes;
    uint32_t count = 0;
    for (size_t i = 0; i + part_len <= len; i++) {
        count += memcmp(at + i, part, part_len) == 0 ? 1 : 0;
    }
    return count;
}
