/** What a person reads: the mood of the kiosk in a few words, and numbers with their units. */

/** Milliseconds without a report after which the upload is taken for dead. */
const SILENCE = 3000;
/** Milliseconds of media still to be sent that are no longer just what is being sent. */
const BEHIND = 5000;

/**
 * How the kiosk fares: `mood` for the eye, `headline` and `explanation` for the mind.
 *
 * @param status - the latest report of the upload, or undefined
 * @param camera - what `Capture` told last, or undefined
 */
export function summarize({ status, camera, now }) {
  if (camera?.isLive === false) {
    return mood('wrong', 'No camera', `The camera cannot be used: ${camera.problem}.`);
  }
  if (status === undefined || camera === undefined) {
    return mood('starting', 'Starting', 'Camera and upload are being made ready.');
  }
  if (now - status.at > SILENCE) {
    return mood('wrong', 'Upload does not answer', 'It is started again by itself.');
  }
  const { health, trouble, buffered = 0 } = status;
  if (health === 'failed' || (health === 'connecting' && trouble !== undefined)) {
    return mood('wrong', 'Not streaming', trouble);
  }
  if (health === 'recovering') {
    return mood('busy', 'Connection lost', 'Nothing is lost yet: it is kept, and sent later.');
  }
  if (health !== 'healthy') return mood('starting', 'Connecting', `To ${status.place}.`);
  if (buffered > BEHIND)
    return mood('busy', 'Catching up', 'The network is slower than the camera.');
  return mood('live', 'Live', 'What the camera sees is being stored.');
}

function mood(name, headline, explanation) {
  return { mood: name, headline, explanation };
}

/** Milliseconds, or seconds from ten of them on. */
export function duration(milliseconds) {
  if (milliseconds === undefined) return '–';
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A time of day, and how long ago that is. */
export function moment(at, now) {
  if (at === undefined) return '–';
  const ago = Math.max(0, Math.round((now - at) / 1000));
  return `${new Date(at).toLocaleTimeString()}, ${ago} s ago`;
}

/** Bytes a second as bits a second, as cameras and networks are sold. */
export function bitrate(bytesPerSecond) {
  if (bytesPerSecond === undefined) return '–';
  const kilobits = (bytesPerSecond * 8) / 1000;
  return kilobits < 1000
    ? `${Math.round(kilobits)} kbit/s`
    : `${(kilobits / 1000).toFixed(1)} Mbit/s`;
}
