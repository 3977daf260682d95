import type { KinesisVideoError } from '../internal/errors.js';
import { FrameFlag } from '../internal/native.js';
import { expected, unknownOption } from '../internal/options.js';
import { suggest } from '../internal/suggest.js';

/** One encoded frame. Times are milliseconds, fractions allowed, since the epoch like `Date.now()`. */
export interface Frame {
  /** The encoded bytes, such as a Buffer. They are copied; the memory is yours again afterwards. */
  readonly data: Uint8Array;
  /** Whether decoding can start here. Default false. */
  readonly keyFrame?: boolean | undefined;
  /** When the frame is to be shown. Of no account with `frameTimecodes: false`. */
  readonly presentationTs: number;
  /** When it is to be decoded. Default `presentationTs`. */
  readonly decodingTs?: number | undefined;
  /** How long it lasts; 0, the default, when it is not known. */
  readonly duration?: number | undefined;
  /** Which track it belongs to. Default 1. */
  readonly trackId?: number | undefined;
  /** Nothing else refers to the frame, so that a player in trouble may skip it. */
  readonly discardable?: boolean | undefined;
  /** The frame is decoded and not shown. */
  readonly invisible?: boolean | undefined;
}

/** What a frame holds that is none, such as the end of a fragment. */
export const NO_BYTES = new Uint8Array(0);

/** The flags of a frame as the core takes them. */
export function flagsOf(frame: Frame): number {
  return (
    (frame.keyFrame === true ? FrameFlag.KEY : 0) |
    (frame.discardable === true ? FrameFlag.DISCARDABLE : 0) |
    (frame.invisible === true ? FrameFlag.INVISIBLE : 0)
  );
}

/** Whether a frame has what every frame must have. Cheap: it runs for each of them. */
export function isFrame(frame: Frame | null | undefined): boolean {
  return (
    frame?.data instanceof Uint8Array &&
    typeof frame.presentationTs === 'number' &&
    !Number.isNaN(frame.presentationTs) &&
    (frame.keyFrame === undefined || typeof frame.keyFrame === 'boolean')
  );
}

/** A frame with its own times, or with the time of now: before it waits, which must not change it. */
export function timed(frame: Frame, frameTimecodes: boolean): Frame {
  return frameTimecodes ? frame : { ...frame, presentationTs: Date.now(), decodingTs: undefined };
}

const KEYS: readonly (keyof Frame)[] = [
  'data',
  'keyFrame',
  'presentationTs',
  'decodingTs',
  'duration',
  'trackId',
  'discardable',
  'invisible',
];
/** What others call them. */
const SYNONYMS: Readonly<Record<string, keyof Frame>> = {
  pts: 'presentationTs',
  dts: 'decodingTs',
};

/**
 * Refuses a frame with a misspelt key, which would silently do nothing. Other keys are the program's
 * own. Too slow to be done for every frame.
 *
 * @throws KinesisVideoError STATUS_INVALID_ARG
 */
export function checkKeys(frame: Frame): void {
  for (const key of Object.keys(frame)) {
    if (KEYS.includes(key as keyof Frame)) continue;
    const near = SYNONYMS[key] ?? suggest(key, KEYS);
    if (near !== undefined) throw unknownOption('the frame', key, KEYS, near);
  }
}

/** Why a value is not a frame: what is wrong with it, and how to do it right. */
export function frameError(frame: unknown): KinesisVideoError {
  if (typeof frame !== 'object' || frame === null) {
    return expected('an object with data and presentationTs', 'the frame', frame);
  }
  const { data, presentationTs, keyFrame } = frame as Partial<Frame>;
  if (!(data instanceof Uint8Array)) {
    return expected(
      'a Uint8Array, such as a Buffer,',
      'data',
      data,
      'STATUS_MKV_INVALID_FRAME_DATA',
    );
  }
  if (keyFrame !== undefined && typeof keyFrame !== 'boolean') {
    return expected('true or false', 'keyFrame', keyFrame);
  }
  const what = 'milliseconds since the epoch, such as Date.now(),';
  return expected(what, 'presentationTs', presentationTs, 'STATUS_MKV_INVALID_FRAME_TIMESTAMP');
}
