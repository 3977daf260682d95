import { invalidArgument, ServiceException } from '../exceptions.js';
import { findImages, type ImageQuery } from '../images/find-images.js';
import type { Input } from '../input.js';
import { TIMESTAMP_TYPES } from '../playback/selection.js';
import { makeToken, readToken, retainingStreamOf } from './members.js';
import type { Operation } from './operation.js';

const MAX_SPAN_MS = 300_000;
const MIN_INTERVAL_MS = 200;
/** Whole numbers beyond have no use, but no limit is documented. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;
const DEFAULT_INTERVAL_MS = 3000;
const FORMATS = ['JPEG', 'PNG'] as const;
const QUALITY_KEY = 'JPEGQuality';
const DEFAULT_QUALITY = 80;
const MAX_WIDTH = 3840;
const MAX_HEIGHT = 2160;
const MAX_RESULTS = 100;
const PAGE_SIZE = 25;
/** Points of fragment metadata that a call costs besides those of its images. */
const METADATA_POINTS = 400;
const NEXT_TOKEN = { min: 1, max: 4096, pattern: /^[a-zA-Z0-9+/]+={0,2}$/ };
const QUALITY = { min: 1, max: 3, pattern: /^([1-9]\d?|100)$/ };

/** GetImages: pictures of a range of time at regular intervals. */
export const getImages: Operation = {
  path: '/getImages',
  async handle({ input, service, exchange }) {
    const query = readQuery(input);
    const stream = retainingStreamOf(input, service.streams);
    stream.enforceRetention();
    service.quotas.spend('metadata', stream, METADATA_POINTS + query.count);
    service.quotas.spend('media', stream, query.count);
    const { images, next } = await findImages(stream.fragments, query, exchange.closed);
    return {
      Images: images.map(({ time, content, error }) => ({
        TimeStamp: time / 1000,
        ...(content === undefined ? { Error: error } : { ImageContent: content }),
      })),
      NextToken: next === undefined ? null : makeToken(String(next)),
    };
  },
};

function readQuery(input: Input): ImageQuery {
  const selector = input.choice('ImageSelectorType', TIMESTAMP_TYPES);
  const from = input.required('StartTimestamp', input.timestamp('StartTimestamp'));
  const to = input.required('EndTimestamp', input.timestamp('EndTimestamp'));
  if (to < from) {
    throw invalidArgument(`EndTimestamp ${to / 1000} is before StartTimestamp ${from / 1000}`);
  }
  if (to - from > MAX_SPAN_MS) {
    throw invalidArgument(
      `EndTimestamp ${to / 1000} must be within ${MAX_SPAN_MS / 1000} seconds of StartTimestamp ${from / 1000}; ask for a shorter range`,
    );
  }
  const interval = input.integer('SamplingInterval', MIN_INTERVAL_MS, MAX_INTERVAL_MS);
  const maxResults = input.integer('MaxResults', 1, MAX_RESULTS) ?? PAGE_SIZE;
  return {
    timestamps: input.required('ImageSelectorType', selector),
    from,
    to,
    interval: interval ?? DEFAULT_INTERVAL_MS,
    first: readFirst(input),
    count: Math.min(maxResults, PAGE_SIZE),
    settings: readSettings(input),
  };
}

/** Which of the images a page begins with. */
function readFirst(input: Input): number {
  const token = input.text('NextToken', NEXT_TOKEN);
  if (token === undefined) return 0;
  const content = readToken(token);
  if (/^\d{1,9}$/.test(content)) return Number(content);
  throw invalidArgument(`Value '${token}' at 'NextToken' is not a token of this endpoint`);
}

function readSettings(input: Input): ImageQuery['settings'] {
  const format = input.required('Format', input.choice('Format', FORMATS));
  const config = input.textMap('FormatConfig', {
    key: { min: 1, max: QUALITY_KEY.length, pattern: new RegExp(`^${QUALITY_KEY}$`) },
    value: QUALITY,
    min: 1,
    max: 1,
  });
  const width = input.integer('WidthPixels', 1, MAX_WIDTH);
  const height = input.integer('HeightPixels', 1, MAX_HEIGHT);
  if (width !== undefined && height === undefined) {
    throw new ServiceException(
      'ValidationException',
      'WidthPixels is given without HeightPixels; give both, or HeightPixels alone',
    );
  }
  return { format, quality: Number(config?.get(QUALITY_KEY) ?? DEFAULT_QUALITY), width, height };
}
