/** Numbers as people read them. */

const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** Bytes with three digits or so, in powers of 1000: `274 KB`, `1.35 MB`. */
export function formatBytes(bytes: number): string {
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || scaled >= 100 ? 0 : scaled >= 10 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

/** Milliseconds as a position in media: `0:08.0`, `1:02:03.4`. */
export function formatPosition(milliseconds: number): string {
  const tenths = Math.round(Math.abs(milliseconds) / 100);
  const seconds = Math.floor(tenths / 10);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = `${String(seconds % 60).padStart(2, '0')}.${tenths % 10}`;
  const sign = milliseconds < 0 && tenths > 0 ? '-' : '';
  return hours > 0
    ? `${sign}${hours}:${String(minutes).padStart(2, '0')}:${rest}`
    : `${sign}${minutes}:${rest}`;
}

/** A number with its noun: `1 frame`, `2 frames`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** A time in epoch ms as ISO 8601; the bare number when a Date cannot hold it. */
export function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString();
}
