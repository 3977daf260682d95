/* Streams of several tracks: put in any interleaving, with tracks that come late, fall silent and
 * come back. */
#include "kvs/session.h"

#include <string.h>

#include "producer.h"
#include "test.h"

static uint8_t out[1 << 20];
static size_t out_len;
static struct block blocks[4096];

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK(kvs__stream_check(producer->stream));
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static uint32_t read_blocks(struct producer *producer, kvs_status expected) {
    uint32_t count = 0;
    CHECK_STATUS(read_session(producer, 1000, out, sizeof out, &out_len), expected);
    CHECK(out_len == 0 || parse_session(out, out_len, blocks, 4096, &count));
    return count;
}

/* Opens a session, reads what it has, and tells which tracks its header names. */
static uint32_t read_tracks(struct producer *producer, kvs_status expected, uint32_t *count) {
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    *count = read_blocks(producer, expected);
    return occurrences(out, out_len, "V_TEST", 6) + 2 * occurrences(out, out_len, "A_TEST", 6);
}

static void close_with(struct producer *producer, uint32_t result) {
    kvs_session_close(producer->stream, producer->session_id, producer->now_ns, result);
    CHECK(kvs__stream_check(producer->stream));
}

/* Video at 25 and sound at 20 frames a second, from `from` up to `to`; key frames each second. */
static void put_both(struct producer *producer, int64_t from, int64_t to, bool video, bool sound) {
    for (int64_t pts = from; pts < to; pts += 10) {
        if (video && pts % 40 == 0) {
            CHECK_STATUS(put(producer, 1, pts % 1000 == 0, pts, 10), KVS_STATUS_SUCCESS);
        }
        if (sound && pts % 50 == 0) {
            CHECK_STATUS(put(producer, 2, true, pts, 10), KVS_STATUS_SUCCESS);
        }
    }
}

KVS_TEST(tracks_put_one_after_the_other_come_out_in_order) {
    static const enum kvs_frame_order orders[] = {KVS_FRAME_ORDER_MULTI_TRACK, KVS_FRAME_ORDER_DTS,
                                                  KVS_FRAME_ORDER_PTS, KVS_FRAME_ORDER_DTS_EOFR,
                                                  KVS_FRAME_ORDER_PTS_EOFR};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(true);
        config.frame_order = orders[i];
        config.order_window_ns = 5000 * MS;
        producer_open(&producer, &config);
        /* Half a second of picture, then of sound, and so on. */
        for (int64_t pts = 0; pts < 4000; pts += 500) {
            put_both(&producer, pts, pts + 500, true, false);
            put_both(&producer, pts, pts + 500, false, true);
        }
        CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        uint32_t count = read_blocks(&producer, KVS_STATUS_END_OF_STREAM);
        CHECK_EQ(count, 100 + 80);
        uint32_t fragments = 0;
        for (uint32_t at = 0; at < count; at++) {
            fragments += blocks[at].opens_cluster ? 1 : 0;
            CHECK_EQ(blocks[at].opens_cluster && (blocks[at].track != 1 || !blocks[at].key), false);
            CHECK(at == 0 || blocks[at].timecode_ms >= blocks[at - 1].timecode_ms);
            bool is_tie = at > 0 && blocks[at].timecode_ms == blocks[at - 1].timecode_ms;
            CHECK_EQ(is_tie && orders[i] != KVS_FRAME_ORDER_MULTI_TRACK, false);
            CHECK_EQ(is_tie && blocks[at].opens_cluster, false);
        }
        CHECK_EQ(fragments, 4);
        CHECK_EQ(metrics_of(&producer).frames_put, count);
        producer_close(&producer);
    }
}

static kvs_status put_times(struct producer *producer, bool key, int64_t pts_ms, int64_t dts_ms) {
    static const uint8_t bytes[] = "picture";
    const struct kvs_frame frame = {
        key ? KVS_FRAME_KEY : 0,       1,       (TEST_EPOCH_MS + pts_ms) * MS,
        (TEST_EPOCH_MS + dts_ms) * MS, 40 * MS, {bytes, sizeof bytes}};
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

/* Pictures of a second: the key frame, each third one ahead of the two before it, and, in an open
 * group, two that lead the key frame. */
static void put_pictures(struct producer *producer, int64_t start, bool open_group) {
    CHECK_STATUS(put_times(producer, true, start + 80, start), KVS_STATUS_SUCCESS);
    if (open_group && start > 0) {
        CHECK_STATUS(put_times(producer, false, start, start + 10), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put_times(producer, false, start + 40, start + 20), KVS_STATUS_SUCCESS);
    }
    for (int64_t at = 120; at + 80 < 1000 + (open_group ? 0 : 80); at += 120) {
        CHECK_STATUS(put_times(producer, false, start + at + 80, start + at - 80),
                     KVS_STATUS_SUCCESS);
        CHECK_STATUS(put_times(producer, false, start + at, start + at - 40), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put_times(producer, false, start + at + 40, start + at), KVS_STATUS_SUCCESS);
    }
}

KVS_TEST(sound_finds_its_fragment_beside_pictures_that_are_reordered) {
    static const enum kvs_frame_order orders[] = {KVS_FRAME_ORDER_MULTI_TRACK, KVS_FRAME_ORDER_DTS,
                                                  KVS_FRAME_ORDER_PTS};
    for (size_t i = 0; i < 6; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(true);
        config.frame_order = orders[i / 2];
        config.order_window_ns = 5000 * MS;
        producer_open(&producer, &config);
        for (int64_t start = 0; start < 5000; start += 1000) {
            put_pictures(&producer, start, i % 2 == 0);
            put_both(&producer, start + (start == 0 ? 100 : 0), start + 1000, false, true);
        }
        CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
        struct kvs_stream_metrics metrics = metrics_of(&producer);
        CHECK_EQ(metrics.frames_dropped[KVS_DROP_LATE], 0);
        CHECK_EQ(metrics.view_frames, metrics.frames_put);
        CHECK_EQ(metrics.fragments_put, 5);
        producer_close(&producer);
    }
}

KVS_TEST(a_silent_track_delays_the_others_by_the_window_and_no_more) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    int64_t next = 0;
    config.frame_order = KVS_FRAME_ORDER_PTS;
    config.order_window_ns = 300 * MS;
    producer_open(&producer, &config);
    put_both(&producer, 0, 200, true, false);
    CHECK_EQ(metrics_of(&producer).ordering_frames, 5);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_TICK) != 0);
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, producer.now_ns + 300 * MS);
    CHECK_STATUS(kvs_stream_tick(producer.stream, next, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 5);
    /* By media time too, for sources that are faster than the clock. */
    put_both(&producer, 200, 1000, true, false);
    CHECK(metrics_of(&producer).ordering_frames <= 9);
    producer_close(&producer);
}

KVS_TEST(a_frame_that_comes_too_late_is_dropped_and_told) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_PTS;
    config.order_window_ns = 300 * MS;
    producer_open(&producer, &config);
    put_both(&producer, 0, 200, true, true);
    put_both(&producer, 200, 2400, true, false);
    CHECK_STATUS(put(&producer, 2, true, 250, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 2350, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    /* The first fragment is closed; the second one has been stretched for its sound. */
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_LATE], 1);
    CHECK_EQ(metrics_of(&producer).fragments_put, 2);
    producer_close(&producer);
}

KVS_TEST(a_fragment_is_stretched_for_a_track_that_is_late) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    producer_open(&producer, &config);
    put_both(&producer, 0, 3000, true, false);
    CHECK_EQ(metrics_of(&producer).fragments_put, 1);
    put_both(&producer, 3000, 6000, true, true);
    CHECK_EQ(metrics_of(&producer).fragments_put, 3);
    uint32_t count = 0;
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, &count), 3);
    CHECK_EQ(count, 150 + 60);
    producer_close(&producer);
}

KVS_TEST(a_track_that_stays_silent_is_left_out_and_taken_in_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    struct kvs_event event;
    uint32_t count = 0;
    producer_open(&producer, &config);
    put_both(&producer, 0, 2000, true, true);
    put_both(&producer, 2000, 15000, true, false);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_EQ(event.type, KVS_EVENT_TRACK);
    CHECK_EQ(event.as.track.track_id, 2);
    CHECK(!event.as.track.present);
    /* 0, 1000, 2000 up to 12000 in one, 12000, 13000, 14000. */
    CHECK_EQ(metrics_of(&producer).fragments_put, 6);
    put_both(&producer, 15000, 17000, true, true);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK(event.as.track.present);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_END_OF_STREAM, &count), 3);
    CHECK_EQ(count, 50 + 40);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_END_OF_STREAM, &count), 1);
    CHECK_EQ(count, 13 * 25);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_END_OF_STREAM, &count), 3);
    CHECK_EQ(count, 50 + 40);
    CHECK_EQ(metrics_of(&producer).frames_put, 17 * 25 + 80);
    producer_close(&producer);
}

KVS_TEST(a_fragment_refused_for_a_missing_track_is_sent_again_without_it) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    uint32_t count = 0;
    producer_open(&producer, &config);
    put_both(&producer, 0, 400, true, false);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, &count), 3);
    const struct kvs_frame end = {.flags = KVS_FRAME_END_OF_FRAGMENT};
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &end, producer.now_ns), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &out_len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000000000,"
                        "\"FragmentNumber\":\"1\",\"ErrorId\":4011}");
    close_with(&producer, 200);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REJECTED], 0);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, &count), 1);
    CHECK_EQ(count, 10);
    /* Should it be refused once more, it is the fragment's fault. */
    ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000000000,"
                        "\"FragmentNumber\":\"1\",\"ErrorId\":4011}");
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REJECTED], 10);
    producer_close(&producer);
}

KVS_TEST(sound_goes_on_alone_when_the_picture_stops) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    uint32_t count = 0;
    producer_open(&producer, &config);
    put_both(&producer, 0, 2000, true, true);
    put_both(&producer, 2000, 20000, false, true);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 0);
    /* A frame that shows nothing without its key frame, then the picture again. */
    CHECK_STATUS(put(&producer, 1, false, 20000, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    put_both(&producer, 21000, 23000, true, true);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    uint64_t total = 0;
    uint32_t last = 0;
    for (int i = 0; i < 3; i++) {
        last = read_tracks(&producer, KVS_STATUS_END_OF_STREAM, &count);
        CHECK_EQ(last, i == 1 ? 2 : 3);
        total += count;
    }
    CHECK_EQ(total, 100 + 20 * 20 + 40);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    producer_close(&producer);
}

KVS_TEST(sound_that_is_all_there_is_goes_after_a_while) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    producer_open(&producer, &config);
    put_both(&producer, 0, 15000, false, true);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 200);
    CHECK_EQ(metrics_of(&producer).view_frames, 100);
    producer_close(&producer);
}

KVS_TEST(a_track_that_comes_back_while_a_fragment_is_sent_without_it_waits_for_the_next) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    uint32_t count = 0;
    producer_open(&producer, &config);
    put_both(&producer, 0, 12400, true, false);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(occurrences(out, out_len, "A_TEST", 6), 0);
    put_both(&producer, 12400, 13000, true, true);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_LATE], 12);
    put_both(&producer, 13000, 14000, true, true);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &out_len),
                 KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(read_tracks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, &count), 3);
    CHECK_EQ(count, 25 + 20);
    producer_close(&producer);
}

KVS_TEST(an_offline_stream_holds_ordered_frames_until_there_is_room) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.frame_order = KVS_FRAME_ORDER_PTS;
    config.max_frames = 50;
    producer_open(&producer, &config);
    kvs_status status = KVS_STATUS_SUCCESS;
    int64_t pts = 0;
    for (; status == KVS_STATUS_SUCCESS; pts += 50) {
        status = put(&producer, 1, pts % 500 == 0, pts, 10);
        status = status == KVS_STATUS_SUCCESS ? put(&producer, 2, true, pts, 10) : status;
    }
    CHECK_STATUS(status, KVS_STATUS_STORE_OUT_OF_MEMORY);
    uint64_t accepted = metrics_of(&producer).frames_put;
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 90000, 10), KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    uint64_t got = read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    for (int64_t at = 0; at < pts; at += 500) {
        size_t len = 0;
        ack(&producer, "PERSISTED", TEST_EPOCH_MS + at);
        read_session(&producer, 1000, out, sizeof out, &len);
    }
    CHECK(got < accepted);
    CHECK_EQ(metrics_of(&producer).frames_delivered, accepted);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    producer_close(&producer);
}

KVS_TEST(another_picture_that_goes_on_alone_opens_fragments_with_its_key_frames) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    struct kvs_mkv_track both[2] = {config.tracks[0], config.tracks[0]};
    both[1].track_id = 2;
    config.tracks = both;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 30000; pts += 100) {
        if (pts < 5000) {
            CHECK_STATUS(put(&producer, 1, pts % 1000 == 0, pts, 10), KVS_STATUS_SUCCESS);
        }
        CHECK_STATUS(put(&producer, 2, pts % 1500 == 0, pts, 10), KVS_STATUS_SUCCESS);
    }
    uint32_t count = 0;
    read_tracks(&producer, KVS_STATUS_END_OF_STREAM, &count);
    read_tracks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, &count);
    CHECK(count > 0);
    for (uint32_t at = 0; at < count; at++) {
        CHECK_EQ(blocks[at].track, 2);
        CHECK(!blocks[at].opens_cluster || blocks[at].key);
    }
    producer_close(&producer);
}

int main(void) {
    RUN(tracks_put_one_after_the_other_come_out_in_order);
    RUN(sound_finds_its_fragment_beside_pictures_that_are_reordered);
    RUN(a_silent_track_delays_the_others_by_the_window_and_no_more);
    RUN(a_frame_that_comes_too_late_is_dropped_and_told);
    RUN(a_fragment_is_stretched_for_a_track_that_is_late);
    RUN(a_track_that_stays_silent_is_left_out_and_taken_in_again);
    RUN(a_fragment_refused_for_a_missing_track_is_sent_again_without_it);
    RUN(sound_goes_on_alone_when_the_picture_stops);
    RUN(sound_that_is_all_there_is_goes_after_a_while);
    RUN(a_track_that_comes_back_while_a_fragment_is_sent_without_it_waits_for_the_next);
    RUN(an_offline_stream_holds_ordered_frames_until_there_is_room);
    RUN(another_picture_that_goes_on_alone_opens_fragments_with_its_key_frames);
    return kvs_test_report();
}
