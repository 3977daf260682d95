/** Counters and rates of a stream. */
#include "stream/stream_internal.h"

/** Weight of the newest sample in a moving average. */
#define NEWEST_WEIGHT 0.05
#define NS_PER_SECOND 1e9

static double average(double before, double sample) {
    return before == 0 ? sample : before + NEWEST_WEIGHT * (sample - before);
}

void kvs__rates_frame(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    struct rates *rates = &stream->rates;
    if (rates->has_frame && frame->put_ns >= rates->last_put_ns) {
        double interval = (double)frame->put_ns - (double)rates->last_put_ns;
        rates->put_interval_ns = average(rates->put_interval_ns, interval);
    }
    if (rates->has_frame && frame->dts_ns > rates->last_dts_ns) {
        rates->dts_distance_ns = kvs__subtract_ns(frame->dts_ns, rates->last_dts_ns);
    }
    rates->has_frame = true;
    rates->last_put_ns = frame->put_ns;
    rates->last_dts_ns = frame->dts_ns;
}

/** The rate of the average interval: an average of rates would be far off when intervals vary. */
double kvs__rates_frame_rate(const struct kvs_stream *stream) {
    double interval = stream->rates.put_interval_ns;
    return interval > 0 ? NS_PER_SECOND / interval : 0;
}

double kvs__rates_elementary(const struct kvs_stream *stream) {
    int64_t distance_ns = stream->rates.dts_distance_ns;
    return distance_ns > 0 ? NS_PER_SECOND / (double)distance_ns : 0;
}

void kvs__rates_end_window(struct rates *rates, int64_t now_ns) {
    double elapsed = (double)now_ns - (double)rates->transfer_since_ns;
    double rate = (double)rates->transfer_bytes * NS_PER_SECOND / elapsed;
    rates->transfer_rate = average(rates->transfer_rate, rate);
    rates->transfer_since_ns = now_ns;
    rates->transfer_bytes = 0;
}

void kvs__rates_session(struct kvs_stream *stream, int64_t duration_ns) {
    stream->rates.session_ns = average(stream->rates.session_ns, (double)duration_ns);
}

static void read_undelivered(struct kvs_stream *stream, struct kvs_stream_metrics *metrics) {
    uint64_t tail = kvs__view_tail(stream->view);
    uint64_t head = kvs__view_head(stream->view);
    if (tail < head) {
        /* What is done at the tail leaves the view at once. */
        metrics->undelivered_first_pts_ns = kvs__view_at(stream->view, tail)->pts_ns;
        metrics->undelivered_last_pts_ns = kvs__view_at(stream->view, head - 1)->pts_ns;
    }
}

static void read_levels(struct kvs_stream *stream, struct kvs_stream_metrics *metrics) {
    const struct ordering *ordering = &stream->ordering;
    struct kvs_view_window all;
    struct kvs_view_window pending;
    kvs_view_window(stream->view, &all, &pending);
    metrics->view_frames = all.frames;
    metrics->view_bytes = all.bytes;
    metrics->view_duration_ns = all.duration_ns;
    metrics->pending_frames = pending.frames;
    metrics->pending_bytes = pending.bytes;
    metrics->pending_duration_ns = pending.duration_ns;
    metrics->view_memory_bytes = kvs_view_memory_bytes(stream->view);
    metrics->ordering_frames = ordering->has_held ? 1 : 0;
    metrics->ordering_frames += ordering->order != NULL ? kvs__order_count(ordering->order) : 0;
}

kvs_status kvs_stream_metrics(struct kvs_stream *stream, int64_t now_ns,
                              struct kvs_stream_metrics *metrics) {
    if (stream == NULL || metrics == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    *metrics = stream->counters;
    read_levels(stream, metrics);
    read_undelivered(stream, metrics);
    metrics->frame_rate = kvs__rates_frame_rate(stream);
    metrics->elementary_frame_rate = kvs__rates_elementary(stream);
    metrics->transfer_rate = stream->rates.transfer_rate;
    metrics->session_duration_ns =
        stream->rates.session_ns < 9e18 ? (int64_t)stream->rates.session_ns : INT64_MAX;
    metrics->uptime_ns = kvs__time_since(now_ns, stream->created_ns);
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}
