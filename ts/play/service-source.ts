import type { Readable } from 'node:stream';
import { getMedia, type GetMediaStart } from '../consumer/get-media.js';
import { KinesisVideoError } from '../internal/errors.js';
import type { Dialer } from '../network/index.js';
import type { ControlPlane, CredentialsProvider } from '../service/index.js';
import type { FragmentRow } from './protocol.js';
import type { MediaStart, PlaySource } from './source.js';

/** What the service is asked with. */
export interface ServiceSourceOptions {
  readonly streamName: string;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly controlPlane: ControlPlane;
  readonly dialer: Dialer;
}

/** A stream of the service. */
export class ServiceSource implements PlaySource {
  readonly #options: ServiceSourceOptions;

  constructor(options: ServiceSourceOptions) {
    this.#options = options;
  }

  async getMedia(start: MediaStart, signal: AbortSignal): Promise<Readable> {
    return getMedia({ ...this.#options, start: startOf(start), signal });
  }

  async listFragments(): Promise<FragmentRow[]> {
    return [];
  }

  async openSession(): Promise<string> {
    throw new KinesisVideoError('STATUS_NOT_IMPLEMENTED', 'HLS and DASH are not played yet.');
  }

  close(): void {
    this.#options.controlPlane.close();
  }
}

function startOf(start: MediaStart): GetMediaStart {
  if (typeof start === 'object' && 'producerTime' in start) return 'earliest';
  return start;
}
