import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PersistedFragment } from '../events/persisted-fragments.js';
import { loadFragment } from '../playback/media.js';
import type { ImageGenerationConfiguration } from '../streams/record.js';
import { extractImages } from './extract.js';
import { objectPath } from './object-path.js';

/** What a generator works with. */
export interface ImageGeneratorOptions {
  /** The folder whose folders stand for buckets; undefined when images go nowhere. */
  readonly directory: string | undefined;
  readonly log: (sentence: string) => void;
}

/** Fragments that may wait, beyond which further ones have no images made: pictures take time. */
const MAX_PENDING = 100;
const DEFAULT_QUALITY = 80;

/** Makes images of each persisted fragment that asks for them, if its stream is configured so. */
export class ImageGenerator {
  readonly #options: ImageGeneratorOptions;
  #pending = 0;
  /** One fragment after the other: each decoding keeps a processor busy. */
  #work: Promise<void> = Promise.resolve();
  #hasToldOfDirectory = false;

  constructor(options: ImageGeneratorOptions) {
    this.#options = options;
  }

  /** Makes the images that `fragment` asks for; undefined when that is none. */
  generate(fragment: PersistedFragment, closing: AbortSignal): Promise<void> | undefined {
    const { stream, entry, events } = fragment;
    const configuration = stream.record.imageGeneration;
    if (events.imageGeneration === undefined || configuration?.Status !== 'ENABLED') return;
    const what = `The images of fragment ${entry.number} of '${stream.record.streamName}'`;
    const { directory, log } = this.#options;
    if (directory === undefined) {
      if (!this.#hasToldOfDirectory) {
        log(`${what} go nowhere, nor do later ones; start the endpoint with a folder for images.`);
      }
      this.#hasToldOfDirectory = true;
      return;
    }
    if (this.#pending >= MAX_PENDING) {
      log(`${what} are not made: ${MAX_PENDING} fragments are waiting for theirs.`);
      return;
    }
    this.#pending += 1;
    const done = this.#work
      .then(() => this.#make(fragment, { configuration, directory, closing }))
      .finally(() => {
        this.#pending -= 1;
      });
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #make(
    { stream, entry, events }: PersistedFragment,
    options: {
      configuration: ImageGenerationConfiguration;
      directory: string;
      closing: AbortSignal;
    },
  ): Promise<void> {
    const { configuration, directory, closing } = options;
    if (closing.aborted) return;
    const fragment = await loadFragment(stream.fragments, entry);
    if (fragment === undefined) return;
    const offsets = offsetsOf(entry.duration, configuration.SamplingInterval);
    const images = await extractImages(fragment, offsets, settingsOf(configuration), closing);
    for (const [index, image] of images.entries()) {
      const offset = offsets[index] ?? 0;
      const producerTimestamp = Math.round(entry.producerTimestamp + offset);
      const serverTimestamp = Math.round(entry.serverTimestamp + offset);
      if (image === undefined) {
        this.#options.log(
          `No image can be made of fragment ${entry.number} of '${stream.record.streamName}' at ${offset} ms.`,
        );
        continue;
      }
      const byProducer = configuration.ImageSelectorType === 'PRODUCER_TIMESTAMP';
      const path = objectPath(directory, {
        uri: configuration.DestinationConfig.Uri,
        prefix: events.imageGeneration?.prefix ?? '',
        streamArn: stream.record.streamArn,
        streamName: stream.record.streamName,
        timecode: byProducer ? producerTimestamp : serverTimestamp,
        id: randomUUID(),
        extension: configuration.Format === 'JPEG' ? 'jpg' : 'png',
      });
      await store(path, image, {
        ContentType: configuration.Format === 'JPEG' ? 'image/jpeg' : 'image/png',
        ContentLength: image.length,
        Metadata: {
          aws_kinesisvideo_producer_timestamp: String(producerTimestamp),
          aws_kinesisvideo_server_timestamp: String(serverTimestamp),
          aws_kinesisvideo_fragment_number: entry.number,
          ...events.imageGeneration?.metadata,
        },
      });
    }
  }
}

/** Milliseconds from the beginning of a fragment, at least one. */
function offsetsOf(duration: number, interval: number): number[] {
  const count = Math.max(1, Math.ceil(duration / interval));
  return Array.from({ length: count }, (_, index) => index * interval);
}

function settingsOf(configuration: ImageGenerationConfiguration) {
  return {
    format: configuration.Format,
    quality: Number(configuration.FormatConfig?.JPEGQuality ?? DEFAULT_QUALITY),
    width: configuration.WidthPixels,
    height: configuration.HeightPixels,
  };
}

/** Writes what belongs to the object first, so that an image is never seen without. */
async function store(path: string, image: Buffer, description: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeWhole(`${path}.json`, `${JSON.stringify(description, null, 2)}\n`);
  await writeWhole(path, image);
}

async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
