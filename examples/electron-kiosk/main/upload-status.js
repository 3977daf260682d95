/** What the screen shows of an upload, as a plain object that a message can hold. */

/**
 * @param stream - undefined while there is none
 * @param trouble - what to tell while there is none, or of chunks that could not be put
 */
export function describe({ stream, latency, streamName, place, missed, trouble }) {
  const common = { at: Date.now(), streamName, place, missed, latency, trouble };
  if (stream === undefined) return { ...common, health: 'connecting', state: 'connecting' };
  const { state, health, metrics } = stream;
  return {
    ...common,
    state,
    health: health.state,
    trouble: health.error?.message ?? trouble,
    lastPersistedAt: health.lastPersistedAt,
    /** Milliseconds of media that are still to be sent. */
    buffered: metrics.pending.duration,
    bytesPerSecond: metrics.transferRate,
    framesPut: metrics.framesPut,
    droppedFrames: metrics.droppedFrames.total,
    storedFragments: metrics.fragmentsDelivered,
  };
}
