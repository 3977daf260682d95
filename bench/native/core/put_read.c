/*
 * The whole core, as a live camera uses it: each frame is put, what there is is read into a buffer
 * of the size that a socket is given, and each fragment is confirmed once the next one is being
 * sent.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copies.h"
#include "kvs/session.h"
#include "kvs/stream.h"
#include "trials.h"

#define NS_PER_MS INT64_C(1000000)
#define START_MS INT64_C(1700000000000)
#define FRAME_MS 20
#define OUT_BYTES 65536u

#if defined(__GNUC__)
#define NOINLINE __attribute__((noinline))
#else
#define NOINLINE
#endif

struct rig {
    struct kvs_client *client;
    struct kvs_stream *stream;
    uint64_t session_id;
    struct bench_source source;
    /* Frames put so far. */
    uint32_t frames;
    /* Where the next read writes to: the buffer is filled before it is begun anew. */
    size_t at;
    uint64_t bytes_read;
    uint8_t out[OUT_BYTES];
};

static int64_t time_of(uint32_t frame) {
    return (START_MS + (int64_t)frame * FRAME_MS) * NS_PER_MS;
}

/* Sources of AVCC frames know the codec private data; those of Annex-B send it in key frames. */
static void open_stream(struct rig *rig, enum bench_framing framing) {
    struct kvs_mkv_track track = {.track_id = 1,
                                  .type = KVS_TRACK_VIDEO,
                                  .codec_id = "V_MPEG4/ISO/AVC",
                                  .width = 150,
                                  .height = 100};
    if (framing == BENCH_AVCC) {
        track.codec_private = bench_codec_private();
    }
    const struct kvs_stream_config config = {
        .name = "bench",
        .fragment_acks = true,
        .retained = true,
        .absolute_timecodes = true,
        .key_frame_fragmentation = true,
        .store_pressure = KVS_STORE_PRESSURE_DROP_OLDEST,
        .timestamp_policy = KVS_TIMESTAMPS_FIX,
        .nal_adaptation =
            KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE,
        .fragment_duration_ns = 2000 * NS_PER_MS,
        .buffer_duration_ns = 120000 * NS_PER_MS,
        .replay_duration_ns = 30000 * NS_PER_MS,
        .max_latency_ns = 60000 * NS_PER_MS,
        .staleness_ns = 20000 * NS_PER_MS,
        .idle_ns = 5000 * NS_PER_MS,
        .timecode_scale_ns = 1000000,
        .segment_uid = {1},
        .writing_app = "bench",
        .tracks = &track,
        .track_count = 1,
    };
    bench_must(kvs_stream_new(rig->client, &config, time_of(0), &rig->stream));
}

static void put(struct rig *rig) {
    int64_t time_ns = time_of(rig->frames);
    const struct kvs_frame frame = {
        .flags = rig->frames % BENCH_FRAMES_PER_FRAGMENT == 0 ? KVS_FRAME_KEY : 0,
        .track_id = 1,
        .pts_ns = time_ns,
        .dts_ns = time_ns,
        .duration_ns = FRAME_MS * NS_PER_MS,
        .data = bench_source_frame(&rig->source, rig->frames),
    };
    bench_must(kvs_stream_put_frame(rig->stream, &frame, time_ns));
    rig->frames++;
}

static void read_all(struct rig *rig) {
    kvs_status status = KVS_STATUS_SUCCESS;
    while (status == KVS_STATUS_SUCCESS) {
        size_t len = 0;
        status = kvs_session_read(rig->stream, rig->session_id, time_of(rig->frames),
                                  rig->out + rig->at, OUT_BYTES - rig->at, &len);
        rig->bytes_read += len;
        rig->at = rig->at + len < OUT_BYTES ? rig->at + len : 0;
    }
    if (status != KVS_STATUS_NO_MORE_DATA_AVAILABLE) {
        bench_must(status);
    }
}

/* Confirms the fragment before the one that has just begun. */
static void confirm(struct rig *rig) {
    char text[128];
    struct kvs_event event;
    int64_t timecode = START_MS + (int64_t)(rig->frames - 1 - BENCH_FRAMES_PER_FRAGMENT) * FRAME_MS;
    int len = snprintf(text, sizeof text,
                       "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":%" PRId64
                       ",\"FragmentNumber\":\"1\"}\n",
                       timecode);
    struct kvs_span bytes = kvs_span_of(text, (size_t)len);
    bench_must(kvs_session_ack_bytes(rig->stream, rig->session_id, time_of(rig->frames), &bytes));
    while (kvs_stream_next_event(rig->stream, &event)) {
    }
}

static void pass_frames(struct rig *rig, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        bool begins = rig->frames % BENCH_FRAMES_PER_FRAGMENT == 0;
        put(rig);
        read_all(rig);
        if (begins && rig->frames > 1) {
            confirm(rig);
        }
    }
}

static struct rig *rig_new(enum bench_framing framing, size_t frame_bytes) {
    const struct kvs_client_config config = {.storage_bytes = UINT64_C(64) * 1024 * 1024};
    struct rig *rig = bench_allocate(sizeof *rig);
    struct kvs_session_start start;
    bench_source_open(&rig->source, framing, frame_bytes);
    bench_must(kvs_client_new(&config, &rig->client));
    open_stream(rig, framing);
    put(rig);
    bench_must(kvs_session_open(rig->stream, time_of(0), 0, &start));
    rig->session_id = start.session_id;
    read_all(rig);
    pass_frames(rig, 4 * BENCH_FRAMES_PER_FRAGMENT);
    return rig;
}

static void rig_destroy(struct rig *rig) {
    kvs_stream_destroy(rig->stream);
    bench_must(kvs_client_destroy(rig->client));
    bench_source_close(&rig->source);
    free(rig);
}

static void measure_round(const struct bench_options *options, struct rig *rig, size_t frame_bytes,
                          struct bench_result *speed, struct bench_result *time) {
    uint32_t repeats = bench_repeats(options, 500 + (uint32_t)frame_bytes / 5);
    int64_t before = bench_cpu_ns();
    pass_frames(rig, repeats);
    double elapsed = (double)(bench_cpu_ns() - before);
    bench_add(speed, (double)frame_bytes * repeats * 1000 / elapsed);
    bench_add(time, elapsed / repeats);
}

/* Rounds of the core and of copies take turns, so that what slows the machine down slows both. */
static void measure(const struct bench_options *options, size_t frame_bytes) {
    struct rig *annexb = rig_new(BENCH_ANNEXB, frame_bytes);
    struct rig *avcc = rig_new(BENCH_AVCC, frame_bytes);
    struct bench_copies *copies = bench_copies_new(frame_bytes);
    struct bench_result speeds[4] = {0};
    struct bench_result times[2] = {0};
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        measure_round(options, annexb, frame_bytes, &speeds[0], &times[0]);
        measure_round(options, avcc, frame_bytes, &speeds[1], &times[1]);
        bench_add(&speeds[2], bench_copies_round(copies, options, true));
        bench_add(&speeds[3], bench_copies_round(copies, options, false));
    }
    bench_print("put-read-annexb", frame_bytes, "MB/s", &speeds[0]);
    bench_print("put-read-annexb-frame", frame_bytes, "ns", &times[0]);
    bench_print("put-read-avcc", frame_bytes, "MB/s", &speeds[1]);
    bench_print("put-read-avcc-frame", frame_bytes, "ns", &times[1]);
    bench_print("put-read-copied-twice", frame_bytes, "MB/s", &speeds[2]);
    bench_print("put-read-copied-once", frame_bytes, "MB/s", &speeds[3]);
    bench_copies_destroy(copies);
    rig_destroy(avcc);
    rig_destroy(annexb);
}

void bench_put_read(const struct bench_options *options) {
    measure(options, 10240);
    measure(options, 200);
}

/* Has a name that stays in the program, so that a tool can be told to look here only. */
void bench_counted_frames(struct rig *rig, uint32_t frames);

NOINLINE void bench_counted_frames(struct rig *rig, uint32_t frames) { pass_frames(rig, frames); }

bool bench_count(const char *name, uint32_t frames) {
    static const struct {
        const char *name;
        enum bench_framing framing;
        size_t frame_bytes;
    } cases[] = {{"annexb-10240", BENCH_ANNEXB, 10240},
                 {"annexb-200", BENCH_ANNEXB, 200},
                 {"avcc-10240", BENCH_AVCC, 10240},
                 {"avcc-200", BENCH_AVCC, 200}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(name, cases[i].name) == 0) {
            struct rig *rig = rig_new(cases[i].framing, cases[i].frame_bytes);
            bench_counted_frames(rig, frames);
            rig_destroy(rig);
            return true;
        }
    }
    return false;
}
