/** How much is to be held when the next fragment comes, and how far from it is left alone, in seconds. */
const RESERVE = 0.8;
const SLACK = 0.2;
/** How fast and how slowly is played to get there; beyond this many seconds too much there is a jump. */
const FAST = 1.1;
const SLOW = 0.95;
const JUMP = 0.7;
const CHECK_INTERVAL = 50;

/**
 * Keeps a live video close to the newest fragment, for libraries that stay where they have begun or where
 * waiting has left them. What is held is least just before a fragment comes, however long fragments are:
 * that is what is kept at the reserve. Returns what ends it.
 */
export function keepUp(video: HTMLVideoElement): () => void {
  let end = 0;
  let held = 0;
  const check = (): void => {
    const { buffered, currentTime } = video;
    const newEnd = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1);
    if (newEnd > end && !video.paused) adjust(video, held - RESERVE);
    end = newEnd;
    held = Math.max(0, newEnd - currentTime);
  };
  const timer = window.setInterval(check, CHECK_INTERVAL);
  return () => {
    window.clearInterval(timer);
  };
}

function adjust(video: HTMLVideoElement, surplus: number): void {
  if (surplus > JUMP) video.currentTime += surplus;
  video.playbackRate = surplus > SLACK ? FAST : surplus < -SLACK ? SLOW : 1;
}
