import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  UpdateImageGenerationConfigurationCommand,
  type ImageGenerationConfiguration,
} from '@aws-sdk/client-kinesis-video';
import * as assert from 'uvu/assert';
import { tags } from '../parser/support/mkv.js';
import { suite } from '../support/suite.js';
import { requireTool } from '../support/tools.js';
import { startWithStream, temporaryFolder } from './support/endpoint.js';
import { listFragments } from './support/fragments.js';
import { mediaOf } from './support/media.js';
import { putMedia } from './support/put-media.js';

const test = suite('Image generation', { timeout: 30_000 });

const ORIGIN = 1_735_787_045_250;
const AT_ORIGIN = { headers: { 'x-amzn-producer-start-timestamp': String(ORIGIN / 1000) } };
const CONFIGURATION: ImageGenerationConfiguration = {
  Status: 'ENABLED',
  ImageSelectorType: 'PRODUCER_TIMESTAMP',
  DestinationConfig: { Uri: 's3://pictures/of/cameras', DestinationRegion: 'us-west-2' },
  SamplingInterval: 500,
  Format: 'JPEG',
  WidthPixels: 160,
  HeightPixels: 90,
};

/** Three fragments, the second of which asks for images. */
function mediaWith(wish: Record<string, string>): Buffer {
  const { header, clusters } = mediaOf('h264-baseline.mp4');
  const [first, second, third] = clusters as [Buffer, Buffer, Buffer];
  return Buffer.concat([header, first, second, tags(wish), third]);
}

/** Waits until there are `count` images below `folder`, and returns their paths. */
async function imagesIn(folder: string, count: number): Promise<string[]> {
  for (;;) {
    const all = readdirSync(folder, { recursive: true }) as string[];
    const images = all.filter((name) => /\.(jpg|png)$/.test(name));
    if (images.length >= count) return images.sort();
    await sleep(20);
  }
}

test('a fragment that asks for them has its images stored, with what is known of them', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const folder = temporaryFolder(t);
  const { local, client } = await startWithStream(t, { imagesDir: folder });
  await client.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamName: 'cam',
      ImageGenerationConfiguration: CONFIGURATION,
    }),
  );
  const wish = {
    AWS_KINESISVIDEO_IMAGE_GENERATION: '',
    AWS_KINESISVIDEO_IMAGE_PREFIX: 'door',
    colour: 'red',
  };
  await putMedia(t, local, mediaWith(wish), AT_ORIGIN);
  const images = await imagesIn(folder, 2);
  const start = ORIGIN + 1022;
  const [, second] = await listFragments(local);
  assert.is(images.length, 2);
  for (const [at, path] of images.entries()) {
    const time = start + at * 500;
    const uuid = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
    const name = new RegExp(`^pictures/of/cameras/door_\\d{12}_cam_${time}_${uuid}\\.jpg$`);
    assert.match(path.replaceAll('\\', '/'), name);
    const file = join(folder, path);
    const size = execFileSync('ffprobe', [
      '-v',
      'error',
      '-show_entries',
      'stream=codec_name,width,height',
      '-of',
      'csv=p=0',
      file,
    ]);
    assert.is(size.toString().trim(), 'mjpeg,160,90');
    const description = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as object;
    assert.equal(description, {
      ContentType: 'image/jpeg',
      ContentLength: readFileSync(file).length,
      Metadata: {
        aws_kinesisvideo_producer_timestamp: String(time),
        aws_kinesisvideo_server_timestamp: String(
          Math.round((second?.ServerTimestamp ?? 0) * 1000) + at * 500,
        ),
        aws_kinesisvideo_fragment_number: second?.FragmentNumber,
        colour: 'red',
      },
    });
  }
});

test('a prefix cannot lead out of the folder', async (t) => {
  requireTool(t, 'ffmpeg', 'ffprobe');
  const folder = temporaryFolder(t);
  const { local, client } = await startWithStream(t, { imagesDir: folder });
  const configuration: ImageGenerationConfiguration = {
    ...CONFIGURATION,
    ImageSelectorType: 'SERVER_TIMESTAMP',
    Format: 'PNG',
    SamplingInterval: 2000,
  };
  await client.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamName: 'cam',
      ImageGenerationConfiguration: configuration,
    }),
  );
  const wish = {
    AWS_KINESISVIDEO_IMAGE_GENERATION: '',
    AWS_KINESISVIDEO_IMAGE_PREFIX: '../../../../escaped/x',
  };
  await putMedia(t, local, mediaWith(wish));
  const [image = ''] = await imagesIn(folder, 1);
  assert.match(
    image.replaceAll('\\', '/'),
    /^pictures\/of\/cameras\/(%2E%2E\/){4}escaped\/x_.*\.png$/,
  );
});

test('nothing is made where nobody asks, or the configuration is disabled', async (t) => {
  requireTool(t, 'ffprobe');
  const folder = temporaryFolder(t);
  const { local, client } = await startWithStream(t, { imagesDir: folder });
  await putMedia(t, local, mediaWith({ AWS_KINESISVIDEO_IMAGE_GENERATION: '' }), AT_ORIGIN);
  const set = async (Status: 'ENABLED' | 'DISABLED'): Promise<void> => {
    await client.send(
      new UpdateImageGenerationConfigurationCommand({
        StreamName: 'cam',
        ImageGenerationConfiguration: { ...CONFIGURATION, Status },
      }),
    );
  };
  await set('DISABLED');
  await putMedia(t, local, mediaWith({ AWS_KINESISVIDEO_IMAGE_GENERATION: '' }), AT_ORIGIN);
  await set('ENABLED');
  await putMedia(t, local, mediaWith({ colour: 'red' }), AT_ORIGIN);
  await local.close();
  assert.equal(readdirSync(folder), []);
});

test('without a folder, the log says once that images go nowhere', async (t) => {
  requireTool(t, 'ffprobe');
  const said: string[] = [];
  const { local, client } = await startWithStream(t, { log: (sentence) => said.push(sentence) });
  await client.send(
    new UpdateImageGenerationConfigurationCommand({
      StreamName: 'cam',
      ImageGenerationConfiguration: CONFIGURATION,
    }),
  );
  const media = mediaWith({ AWS_KINESISVIDEO_IMAGE_GENERATION: '' });
  await putMedia(t, local, media, AT_ORIGIN);
  await putMedia(t, local, media, AT_ORIGIN);
  assert.is(said.length, 1);
  assert.match(said[0] ?? '', /^The images of fragment \d+ of 'cam' go nowhere/);
});
