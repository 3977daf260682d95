import { execFileSync } from 'node:child_process';
import {
  GetImagesCommand,
  paginateGetImages,
  type GetImagesCommandInput,
  type Image,
} from '@aws-sdk/client-kinesis-video-archived-media';
import * as assert from 'uvu/assert';
import type { LocalKinesisVideo } from '../../ts/local/index.js';
import { suite, type TestContext } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { rejection, startWithStream } from './support/endpoint.js';
import { fixture, mediaOf, withFile } from './support/media.js';
import { archivedClient } from './support/playback.js';
import { putMedia } from './support/put-media.js';

const test = suite('GetImages', { timeout: 30_000 });

const ORIGIN = 1_735_787_045_250;
const AT_ORIGIN = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) } };
/** When the first picture of the media is shown. */
const FIRST = ORIGIN + 22;

function input(options: Partial<GetImagesCommandInput> = {}): GetImagesCommandInput {
  return {
    StreamName: 'cam',
    ImageSelectorType: 'PRODUCER_TIMESTAMP',
    StartTimestamp: new Date(FIRST),
    EndTimestamp: new Date(FIRST),
    Format: 'PNG',
    ...options,
  };
}

async function getImages(
  t: TestContext,
  local: LocalKinesisVideo,
  options: Partial<GetImagesCommandInput> = {},
): Promise<Image[]> {
  const { Images } = await archivedClient(t, local).send(new GetImagesCommand(input(options)));
  return Images ?? [];
}

/** The pixels of an image, as ffmpeg reads it. */
function pixels(path: string, ...options: string[]): Buffer {
  const format = path.endsWith('.png') ? ['-f', 'png_pipe'] : [];
  const args = ['-v', 'error', ...format, '-i', path, ...options];
  return execFileSync('ffmpeg', [...args, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], {
    maxBuffer: 1 << 28,
  });
}

function bytesOf(image: Image | undefined): Buffer {
  return Buffer.from(image?.ImageContent ?? '', 'base64');
}

function sizeOf(image: Image | undefined, extension: string): string {
  return withFile(bytesOf(image), extension, (path) => {
    const entries = ['-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'];
    return execFileSync('ffprobe', ['-v', 'error', ...entries, path], { encoding: 'utf8' }).trim();
  });
}

for (const name of ['h264-aac.mp4', 'h265-aac.mp4', 'h264-open-gop.mp4']) {
  test(`images of ${name} show the pictures of their times`, async (t) => {
    requireTool(t, 'ffmpeg', 'ffprobe');
    const { local } = await startWithStream(t);
    await putMedia(t, local, mediaOf(name).whole, AT_ORIGIN);
    // Over all three fragments, each a bit later than its picture is shown.
    const images = await getImages(t, local, {
      StartTimestamp: new Date(FIRST + 3),
      EndTimestamp: new Date(FIRST + 2900),
      SamplingInterval: 400,
    });
    assert.equal(
      images.map(({ TimeStamp, Error }) => [TimeStamp?.getTime(), Error]),
      Array.from({ length: 8 }, (_, at) => [FIRST + 3 + at * 400, undefined]),
    );
    const frames = pixels(fixture(name), '-map', '0:v');
    const size = 320 * 180 * 3;
    const all = Buffer.concat(images.map(bytesOf));
    const shown = withFile(all, 'png', (path) => pixels(path));
    assert.is(shown.length, images.length * size);
    for (const at of images.keys()) {
      const frame = frames.subarray(at * 10 * size, (at * 10 + 1) * size);
      const difference = shown.subarray(at * size, (at + 1) * size).compare(frame);
      assert.is(difference, 0, `image ${at} is not frame ${at * 10}`);
    }
  });
}

test('images come in the format, quality and size that were asked for', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole, AT_ORIGIN);
  const one = async (options: Partial<GetImagesCommandInput>): Promise<Image | undefined> => {
    return (await getImages(t, local, options))[0];
  };
  assert.is(sizeOf(await one({}), 'png'), 'png,320,180');
  assert.is(sizeOf(await one({ HeightPixels: 90 }), 'png'), 'png,160,90');
  assert.is(sizeOf(await one({ WidthPixels: 100, HeightPixels: 100 }), 'png'), 'png,100,100');
  const sizes: number[] = [];
  for (const quality of ['1', '20', '50', '80', '100']) {
    const image = await one({ Format: 'JPEG', FormatConfig: { JPEGQuality: quality } });
    assert.is(sizeOf(image, 'jpg'), 'mjpeg,320,180');
    sizes.push(bytesOf(image).length);
  }
  assert.equal(
    sizes,
    [...sizes].sort((a, b) => a - b),
  );
  const usual = await one({ Format: 'JPEG' });
  assert.is(bytesOf(usual).length, sizes[3]);

  const { name, status } = await rejection(one({ WidthPixels: 100 }));
  assert.equal([name, status], ['ValidationException', 400]);
});

test('pages follow one another, and times without media say so', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole, AT_ORIGIN);
  const request = input({
    StartTimestamp: new Date(FIRST - 1000),
    EndTimestamp: new Date(FIRST + 5000),
    SamplingInterval: 500,
    Format: 'JPEG',
    MaxResults: 5,
  });
  const pages = [];
  for await (const { Images } of paginateGetImages({ client: archivedClient(t, local) }, request)) {
    pages.push(Images ?? []);
  }
  assert.equal(
    pages.map((page) => page.length),
    [5, 5, 3],
  );
  const images = pages.flat();
  assert.equal(
    images.map(({ TimeStamp }) => (TimeStamp?.getTime() ?? 0) - FIRST),
    Array.from({ length: 13 }, (_, at) => at * 500 - 1000),
  );
  // The media last from 0 to 3 seconds; at its very end the last picture still counts.
  const expected = images.map((_, at) => (at < 2 || at > 8 ? 'NO_MEDIA' : undefined));
  assert.equal(
    images.map(({ Error }) => Error),
    expected,
  );
});

test('media without pictures have images with an error', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('aac.m4a').whole, AT_ORIGIN);
  const [image] = await getImages(t, local, {
    StartTimestamp: new Date(FIRST + 500),
    EndTimestamp: new Date(FIRST + 600),
  });
  assert.equal([image?.Error, image?.ImageContent], ['MEDIA_ERROR', undefined]);
});

test('without ffmpeg the answer says what to install', async (t) => {
  requireTool(t, 'ffprobe');
  const { local } = await startWithStream(t);
  await putMedia(t, local, mediaOf('h264-baseline.mp4').whole, AT_ORIGIN);
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  t.after(() => {
    process.env['PATH'] = PATH;
  });
  const { name, message, status } = await rejection(getImages(t, local));
  assert.equal([name, status], ['NotImplementedException', 501]);
  assert.match(message, 'ffmpeg, which is not installed');
});

test('a request beyond the limits is refused', async (t) => {
  const { local } = await startWithStream(t);
  const refusal = async (options: Partial<GetImagesCommandInput>): Promise<string> => {
    const { name, message } = await rejection(getImages(t, local, options));
    assert.is(name, 'InvalidArgumentException');
    return message;
  };
  assert.match(await refusal({ SamplingInterval: 199 }), 'SamplingInterval');
  assert.match(await refusal({ EndTimestamp: new Date(FIRST - 1) }), 'before StartTimestamp');
  assert.match(await refusal({ EndTimestamp: new Date(FIRST + 300_001) }), 'within 300 seconds');
  assert.match(await refusal({ FormatConfig: { JPEGQuality: '101' } }), 'JPEGQuality');
  assert.match(await refusal({ MaxResults: 101 }), 'MaxResults');
  assert.match(await refusal({ NextToken: 'abcd' }), 'NextToken');
});
