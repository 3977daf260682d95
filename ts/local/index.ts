/**
 * The embedded Kinesis Video Streams endpoint: the service's API on this machine, without AWS.
 *
 * @packageDocumentation
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { urlOfTopic } from './events/notification-target.js';
import { Notifier } from './events/notifier.js';
import type { LocalFault } from './faults/fault.js';
import { ImageGenerator } from './images/generator.js';
import { IotProvider } from './iot/provider.js';
import { AccessKeys } from './keys.js';
import { resolveOptions, type LocalKinesisVideoOptions } from './options.js';
import { LocalServer } from './server.js';
import { StreamRegistry } from './streams/registry.js';

export type { NotificationTarget } from './events/notification-target.js';
export type { AckType } from './media/acks.js';
export type { FaultEffect, FaultRule, LocalFault } from './faults/fault.js';
export type { LocalIotOptions, LocalThing } from './iot/options.js';
export type { ServerCertificate } from './listening.js';
export type { LocalCredentials, LocalKinesisVideoOptions } from './options.js';
export type { LocalPermission } from './permissions.js';

/** A running endpoint. */
export interface LocalKinesisVideo extends AsyncDisposable {
  /** The URL to give to clients as the service's endpoint, such as `http://127.0.0.1:36001`. */
  readonly endpoint: string;
  /** The region that requests must be signed for. */
  readonly region: string;
  /** The credentials provider of AWS IoT, when there is one: its host and port. */
  readonly iot?: { readonly endpoint: string };
  /** The folder with the streams and their fragments. */
  readonly dataDir: string;
  /**
   * Replaces all faults, those of the start too; none heals the endpoint. What a fault has begun with
   * a call goes on. Throws KinesisVideoError for a fault that is not valid, and changes nothing then.
   */
  setFaults(faults: readonly (LocalFault | string)[]): void;
  /**
   * Ends every connection, finishes what is being stored, and removes a temporary data folder.
   * Further calls return the same promise.
   */
  close(): Promise<void>;
}

/**
 * Starts an endpoint that speaks the API of Kinesis Video Streams: streams, media and playback, with
 * signatures verified. Rejects with KinesisVideoError for an invalid option, a port that is in use, a data
 * folder that cannot be read or that another endpoint uses, and where the optional package
 * `classic-level` is missing; and with the reason of `signal`.
 *
 * @example
 * ```ts
 * await using local = await startLocalKinesisVideo({ port: 8080, dataDir: './streams' });
 * console.log(`Listening on ${local.endpoint}`);
 * ```
 */
export async function startLocalKinesisVideo(
  options: LocalKinesisVideoOptions = {},
): Promise<LocalKinesisVideo> {
  const resolved = resolveOptions(options);
  resolved.signal?.throwIfAborted();
  const isTemporary = resolved.dataDir === undefined;
  const dataDir = resolved.dataDir ?? (await mkdtemp(join(tmpdir(), 'kinesis-video-')));
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.reverse()) await step();
  };
  try {
    if (isTemporary) undo.push(() => rm(dataDir, { recursive: true, force: true }));
    const streams = await StreamRegistry.open({ ...resolved, directory: dataDir });
    undo.push(() => streams.close());
    const keys = new AccessKeys(resolved.credentials);
    const iot = resolved.iot && new IotProvider({ ...resolved, ...resolved.iot, keys });
    const server = new LocalServer(resolved, streams, keys);
    const notifier = new Notifier({
      ...resolved,
      targetOf: (topic) => urlOfTopic(resolved.notificationTarget, topic),
    });
    server.persisted.onPersisted((fragment, closing) => notifier.notify(fragment, closing));
    const images = new ImageGenerator({ directory: resolved.imagesDir, log: resolved.log });
    server.persisted.onPersisted((fragment, closing) => images.generate(fragment, closing));
    await server.listen();
    undo.push(() => server.close());
    if (iot !== undefined) {
      await iot.listen();
      undo.push(() => iot.close());
    }
    resolved.signal?.throwIfAborted();
    const { endpoint } = server;
    const { region } = resolved;
    const provider = iot && { iot: { endpoint: iot.endpoint } };
    const setFaults = (faults: readonly (LocalFault | string)[]): void => {
      server.faults.set(faults);
    };
    return running({ endpoint, region, dataDir, setFaults, ...provider }, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function running(
  facts: Pick<LocalKinesisVideo, 'endpoint' | 'region' | 'dataDir' | 'iot' | 'setFaults'>,
  stop: () => Promise<void>,
): LocalKinesisVideo {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= stop());
  return { ...facts, close, [Symbol.asyncDispose]: close };
}
