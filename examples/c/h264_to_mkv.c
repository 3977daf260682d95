/*
 * h264_to_mkv [--fps N] INPUT.h264|- OUTPUT.mkv
 *
 * Streams an H.264 file into a Matroska file. It is an uploader in small: frames are put into a
 * stream, and a session of that stream gives out what the body of a PutMedia request would carry.
 * Here that goes to a file. The library itself does no I/O and has no clock, so that both are seen
 * in this file: whoever uploads replaces `transfer`.
 *
 *     cc h264_to_mkv.c h264_reader.c h264_order.c \
 *         $(pkg-config --cflags --libs kinesis-video-producer) -o h264_to_mkv
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kvs/kvs.h>

#include "h264_reader.h"

#define NS_PER_S INT64_C(1000000000)
#define TRACK_ID 1

/* Frames a second: 30000 / 1001 has no other way to be told exactly. */
struct frame_rate {
    uint64_t frames;
    uint64_t seconds;
};

struct arguments {
    const char *input;
    const char *output;
    struct frame_rate rate;
};

struct converter {
    struct kvs_client *client;
    struct kvs_stream *stream;
    /* The session that is read from; 0 while there is none. */
    uint64_t session_id;
    bool stopped;
    /* The output is as it shall stay: nothing may follow. */
    bool ended;
    FILE *out;
    const char *out_name;
};

static int64_t clock_ns(void) {
    struct timespec now = {0, 0};
    timespec_get(&now, TIME_UTC);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* When the frame of that number is shown, without rounding errors that add up. */
static int64_t time_of(uint64_t frame, struct frame_rate rate) {
    uint64_t scaled = frame * rate.seconds;
    uint64_t rest = scaled % rate.frames;
    return (int64_t)(scaled / rate.frames) * NS_PER_S +
           (int64_t)(rest * (uint64_t)NS_PER_S / rate.frames);
}

static bool complain(const char *what, kvs_status status) {
    fprintf(stderr, "h264_to_mkv: %s: %s (%s)\n", what, kvs_status_text(status),
            kvs_status_name(status));
    return false;
}

static bool complain_of_output(const struct converter *converter) {
    fprintf(stderr, "h264_to_mkv: ");
    perror(converter->out_name);
    return false;
}

static bool open_stream(struct converter *converter) {
    /* Address space: memory is taken as far as it is used. Only one fragment, from one key frame
     * to the next, is held at a time. */
    struct kvs_client_config client_config = {.storage_bytes = UINT64_C(256) * 1024 * 1024};
    struct kvs_mkv_track track = {
        .track_id = TRACK_ID,
        .type = KVS_TRACK_VIDEO,
        .codec_id = "V_MPEG4/ISO/AVC",
        .name = "video",
    };
    int64_t now_ns = clock_ns();
    struct kvs_stream_config config = {
        .name = "h264_to_mkv",
        .streaming_type = KVS_STREAMING_REALTIME,
        .store_pressure = KVS_STORE_PRESSURE_FAIL,
        /* A file acknowledges nothing: what is sent is done with. */
        .fragment_acks = false,
        /* The file begins at 0, whatever the clock says. */
        .absolute_timecodes = false,
        .key_frame_fragmentation = true,
        .fragment_duration_ns = 2 * NS_PER_S,
        .buffer_duration_ns = 120 * NS_PER_S,
        .timecode_scale_ns = 1000000,
        .nal_adaptation =
            KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE,
        /* No two files should share one; the time will do. */
        .segment_uid = {'h', '2', '6', '4', 't', 'o', 'm', 'k'},
        .writing_app = "h264_to_mkv " KVS_VERSION_STRING,
        .tracks = &track,
        .track_count = 1,
    };
    memcpy(config.segment_uid + 8, &now_ns, sizeof now_ns);

    kvs_status status = kvs_client_new(&client_config, &converter->client);
    if (status == KVS_STATUS_SUCCESS) {
        status = kvs_stream_new(converter->client, &config, now_ns, &converter->stream);
    }
    return status == KVS_STATUS_SUCCESS || complain("cannot start", status);
}

/* Opens a session when there is something to send. */
static kvs_status open_session(struct converter *converter) {
    struct kvs_session_start start;
    if (converter->session_id != 0) {
        return KVS_STATUS_SUCCESS;
    }
    /* An uploader connects here, with the start as the request's producer start timestamp, and
     * passes when its credentials expire. */
    kvs_status status = kvs_session_open(converter->stream, clock_ns(), 0, &start);
    if (status == KVS_STATUS_SUCCESS) {
        converter->session_id = start.session_id;
    }
    return status;
}

/* Moves all that can be sent now to the file. */
static bool transfer(struct converter *converter) {
    uint8_t bytes[16 * 1024];
    if (converter->ended) {
        return false;
    }
    kvs_status status = open_session(converter);
    while (status == KVS_STATUS_SUCCESS) {
        size_t len = 0;
        status = kvs_session_read(converter->stream, converter->session_id, clock_ns(), bytes,
                                  sizeof bytes, &len);
        if (fwrite(bytes, 1, len, converter->out) != len) {
            converter->ended = true;
            return complain_of_output(converter);
        }
        /* An uploader also hands over what the response brings: kvs_session_ack_bytes. */
    }
    if (status == KVS_STATUS_NO_MORE_DATA_AVAILABLE) {
        return true;
    }
    if (status != KVS_STATUS_END_OF_STREAM) {
        return complain("cannot send", status);
    }
    kvs_session_close(converter->stream, converter->session_id, clock_ns(), KVS_SESSION_RESULT_OK);
    converter->session_id = 0;
    converter->ended = true;
    if (!converter->stopped) {
        /* An uploader opens the next session, whose bytes begin with a header of their own. */
        fprintf(stderr,
                "h264_to_mkv: the format of the video changes, for which Matroska needs "
                "another file; what came before is in %s\n",
                converter->out_name);
    }
    return converter->stopped;
}

static void report_events(struct converter *converter) {
    struct kvs_event event;
    while (kvs_stream_next_event(converter->stream, &event)) {
        if (event.type == KVS_EVENT_FRAMES_DROPPED) {
            fprintf(stderr, "h264_to_mkv: %" PRIu64 " pictures are left out%s\n",
                    event.as.dropped.frames,
                    event.as.dropped.reason == KVS_DROP_NO_KEY_FRAME
                        ? ", as no key frame came before them"
                        : "");
        }
    }
}

static bool put_picture(struct converter *converter, const struct h264_picture *picture,
                        int64_t pts_ns, int64_t dts_ns, int64_t duration_ns) {
    struct kvs_frame frame = {
        .flags = (picture->key ? KVS_FRAME_KEY : 0u) |
                 (picture->discardable ? KVS_FRAME_DISCARDABLE : 0u),
        .track_id = TRACK_ID,
        .pts_ns = pts_ns,
        .dts_ns = dts_ns,
        .duration_ns = duration_ns,
        .data = picture->data,
    };
    kvs_status status = kvs_stream_put_frame(converter->stream, &frame, clock_ns());
    return status == KVS_STATUS_SUCCESS || complain("a picture is refused", status);
}

/* The loop of every program that uses the library: put what there is, do what is due, move what is
 * to be sent, look at what happened. A program that waits for a camera or the network does each
 * when its time comes: when kvs_stream_take_signals tells so, and at the time that
 * kvs_stream_tick gives. */
static bool convert(struct converter *converter, struct h264_reader *reader,
                    struct frame_rate rate) {
    /* Pictures are decoded before they are shown. */
    int64_t first_dts_ns = clock_ns();
    int64_t first_pts_ns = first_dts_ns + time_of(H264_MAX_REORDER, rate);
    struct h264_picture picture;
    for (uint64_t decoded = 0; h264_reader_next(reader, &picture); decoded++) {
        int64_t next_ns = 0;
        if (!put_picture(converter, &picture, first_pts_ns + time_of(picture.shown, rate),
                         first_dts_ns + time_of(decoded, rate), time_of(1, rate))) {
            return false;
        }
        kvs_stream_tick(converter->stream, clock_ns(), &next_ns);
        if (!transfer(converter)) {
            return false;
        }
        report_events(converter);
    }
    return true;
}

static bool finish(struct converter *converter) {
    kvs_stream_stop(converter->stream);
    converter->stopped = true;
    bool done = transfer(converter);
    report_events(converter);
    if (fclose(converter->out) != 0 && done) {
        done = complain_of_output(converter);
    }
    converter->out = NULL;
    return done;
}

static bool summarize(struct converter *converter, const struct h264_reader *reader,
                      struct frame_rate rate) {
    struct kvs_stream_metrics metrics;
    kvs_status status = kvs_stream_metrics(converter->stream, clock_ns(), &metrics);
    if (status != KVS_STATUS_SUCCESS) {
        return complain("no summary", status);
    }
    if (reader->skipped != 0) {
        fprintf(stderr,
                "h264_to_mkv: %" PRIu64 " pictures are left out, as no parameter sets "
                "(SPS) came before them\n",
                reader->skipped);
    }
    if (metrics.frames_sent == 0) {
        fprintf(stderr, "h264_to_mkv: there is no key frame (IDR) to start from\n");
        return false;
    }
    printf("%s: %" PRIu64 " pictures in %" PRIu64 " fragments, %.3f s, %" PRIu64 " bytes\n",
           converter->out_name, metrics.frames_sent, metrics.fragments_put,
           (double)time_of(metrics.frames_sent, rate) / (double)NS_PER_S, metrics.bytes_sent);
    return true;
}

static bool run(const struct arguments *arguments, FILE *in) {
    struct converter converter = {.out_name = arguments->output};
    struct h264_reader reader;
    h264_reader_init(&reader, in);
    bool done = false;
    if (open_stream(&converter)) {
        converter.out = fopen(arguments->output, "wb");
        if (converter.out == NULL) {
            complain_of_output(&converter);
        } else {
            done = convert(&converter, &reader, arguments->rate);
            /* What was read before an error is whole, and is kept. */
            done = finish(&converter) && done;
            if (reader.error != NULL) {
                fprintf(stderr, "h264_to_mkv: %s %s\n", arguments->input, reader.error);
            } else if (done) {
                done = summarize(&converter, &reader, arguments->rate);
            }
            done = done && reader.error == NULL;
        }
    }
    h264_reader_clean_up(&reader);
    kvs_stream_destroy(converter.stream);
    kvs_client_destroy(converter.client);
    return done;
}

/* "25", "29.97" or "30000/1001". */
static bool parse_rate(const char *text, struct frame_rate *rate) {
    char *end;
    double frames = strtod(text, &end);
    double seconds = 1;
    bool valid = end != text;
    if (valid && *end == '/') {
        text = end + 1;
        seconds = strtod(text, &end);
        valid = end != text;
    }
    if (!valid || *end != '\0' || !(seconds >= 0.001 && seconds <= 100000) ||
        !(frames / seconds >= 0.1 && frames / seconds <= 1000)) {
        return false;
    }
    rate->frames = (uint64_t)(frames * 1000 + 0.5);
    rate->seconds = (uint64_t)(seconds * 1000 + 0.5);
    return true;
}

static bool parse_arguments(int argc, char **argv, struct arguments *arguments) {
    int next = 1;
    if (argc > 2 && strcmp(argv[1], "--fps") == 0) {
        if (!parse_rate(argv[2], &arguments->rate)) {
            fprintf(stderr,
                    "h264_to_mkv: --fps wants 0.1 to 1000, such as 25, 29.97 or "
                    "30000/1001, and not %s\n",
                    argv[2]);
            return false;
        }
        next = 3;
    }
    if (argc - next != 2 || (argv[next][0] == '-' && argv[next][1] != '\0')) {
        fprintf(stderr, "usage: h264_to_mkv [--fps N] INPUT.h264|- OUTPUT.mkv\n");
        return false;
    }
    arguments->input = argv[next];
    arguments->output = argv[next + 1];
    if (strcmp(arguments->input, arguments->output) == 0) {
        fprintf(stderr, "h264_to_mkv: input and output are the same file\n");
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    struct arguments arguments = {.rate = {25, 1}};
    if (!parse_arguments(argc, argv, &arguments)) {
        return 2;
    }
    bool piped = strcmp(arguments.input, "-") == 0;
    FILE *in = piped ? stdin : fopen(arguments.input, "rb");
    if (in == NULL) {
        fprintf(stderr, "h264_to_mkv: ");
        perror(arguments.input);
        return 1;
    }
    bool done = run(&arguments, in);
    if (!piped) {
        fclose(in);
    }
    return done ? 0 : 1;
}
