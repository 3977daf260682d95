/** One producer, the endpoint that it streams to, and what stands between them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  KinesisVideoClient,
  type KinesisVideoClientOptions,
  type KinesisVideoStream,
  type StreamDefinition,
} from '../../../ts/index.js';
import {
  startLocalKinesisVideo,
  type LocalKinesisVideo,
  type LocalKinesisVideoOptions,
} from '../../../ts/local/index.js';
import { call } from '../../local/support/http.js';
import { definition } from '../../producer/support/media.js';
import { startConnectProxy, type ConnectProxy } from '../../network/support/connect-proxy.js';
import { canaryCredentials, KEY_PAIR, PROXY_LOGIN } from './canary.js';
import { ChildEndpoint } from './child-endpoint.js';
import { CredentialSource } from './credential-source.js';
import { DnsServer } from './dns-server.js';
import { HttpInjector, resetOf, type Identity } from './http-injector.js';
import { Recorder } from './recorder.js';
import { Source, type SourceOptions } from './source.js';
import { readStored, type StoredFragment } from './stored.js';
import { TcpProxy } from './tcp-proxy.js';
import { transportOptions } from './transport.js';

/** What a row wants to be different from the usual. */
export interface WorldOptions {
  readonly client?: KinesisVideoClientOptions;
  readonly stream?: Partial<StreamDefinition>;
  readonly source?: SourceOptions;
  readonly endpoint?: LocalKinesisVideoOptions;
  /** The endpoint is a process of its own, which can be killed. Implies `direct` unless told. */
  readonly child?: boolean;
  /** Nothing stands between producer and endpoint. */
  readonly direct?: boolean;
  /** The injector speaks TLS and shows this first. */
  readonly tls?: Identity;
  /** Somebody else has created the stream. */
  readonly exists?: boolean;
  /** The host has a name, which a name server of the row tells. */
  readonly dns?: boolean;
  /** The credentials come from the provider of IoT that the endpoint has, for this certificate. */
  readonly iot?: Identity & { readonly ca: string };
  /** The producer goes through an HTTP proxy, which asks for a password. */
  readonly proxy?: boolean;
  /** Milliseconds that credentials are good for. */
  readonly lifetime?: number;
}

/** How the producer moves its media. */
export type Transport = 'main' | 'worker';

/** The stream of every row. */
export const STREAM = 'cam';
const NAME = 'kvs.test';
/** How long (ms) it takes until all that was acknowledged is known. */
const QUIET = 400;

/** Everything of one row. */
export class World {
  readonly options: WorldOptions;
  readonly transport: Transport;
  readonly recorder = new Recorder();
  readonly credentials = new CredentialSource();
  readonly #folder: string;
  readonly #cleanUps: (() => unknown)[] = [];
  readonly #kept: StoredFragment[] = [];
  #local: LocalKinesisVideo | undefined;
  #child: ChildEndpoint | undefined;
  #http: HttpInjector | undefined;
  #tcp: TcpProxy | undefined;
  #client: KinesisVideoClient | undefined;
  #stream: KinesisVideoStream | undefined;
  #source: Source | undefined;
  #clockOffset = 0;
  #dns: DnsServer | undefined;
  #proxy: ConnectProxy | undefined;
  #iot: TcpProxy | undefined;

  private constructor(options: WorldOptions, transport: Transport, folder: string) {
    this.options = options;
    this.transport = transport;
    this.#folder = folder;
  }

  /** Starts the endpoint and what stands before it; the producer comes with `open`. */
  static async start(options: WorldOptions = {}, transport: Transport = 'main'): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'kvs-faults-'));
    const world = new World(options, transport, folder);
    await world.#start();
    return world;
  }

  /** The endpoint's folder. */
  get dataDir(): string {
    return join(this.#folder, 'data');
  }

  /** A folder for what a row needs besides. */
  get folder(): string {
    return this.#folder;
  }

  get child(): ChildEndpoint {
    return given(this.#child, 'child');
  }

  get http(): HttpInjector {
    return given(this.#http, 'http');
  }

  get tcp(): TcpProxy {
    return given(this.#tcp, 'tcp');
  }

  /** What stands before the credentials provider of IoT. */
  get iot(): TcpProxy {
    return given(this.#iot, 'iot');
  }

  /** Where the HTTP proxy is. */
  get proxyUrl(): string {
    return given(this.#proxy, 'proxy').url;
  }

  /** Ends the HTTP proxy and every connection through it. */
  async killProxy(): Promise<void> {
    await given(this.#proxy, 'proxy').kill();
  }

  /** Starts an HTTP proxy, after the first time on the same port; it may ask for another password. */
  async startProxy(credentials = PROXY_LOGIN): Promise<void> {
    const port = this.#proxy?.port ?? 0;
    const context = { after: (cleanUp: () => unknown) => this.#cleanUps.push(cleanUp) };
    this.#proxy = await startConnectProxy(context, { credentials, port });
  }

  get dns(): DnsServer {
    return given(this.#dns, 'dns');
  }

  /** Milliseconds that the clock of the endpoint is ahead. */
  get clockOffset(): number {
    return this.#clockOffset;
  }

  set clockOffset(offset: number) {
    this.#clockOffset = offset;
    this.http.clockOffset = offset;
  }

  get stream(): KinesisVideoStream {
    return given(this.#stream, 'stream');
  }

  get source(): Source {
    return given(this.#source, 'source');
  }

  get hasStream(): boolean {
    return this.#stream !== undefined;
  }

  /** What the producer is given as the endpoint. */
  get url(): string {
    const { tls, dns } = this.options;
    const host = dns === true ? NAME : '127.0.0.1';
    const inner = this.#child?.endpoint ?? this.#local?.endpoint ?? '';
    const port = this.#tcp?.port ?? new URL(inner).port;
    return `${tls ? 'https' : 'http'}://${host}:${port}`;
  }

  /** Makes the client and the stream, and lets the camera run. */
  async open(signal?: AbortSignal): Promise<void> {
    this.#client ??= this.makeClient();
    const stream = await this.#client.createStream(
      definition({ streamName: STREAM, ...this.options.stream }),
      { signal },
    );
    this.#stream = stream;
    this.recorder.watch(stream);
    this.#source = new Source(stream, this.options.source);
    this.#source.start();
  }

  /** A client as the row wants it. */
  makeClient(): KinesisVideoClient {
    const client = new KinesisVideoClient({
      region: 'us-west-2',
      ...this.#identity(),
      endpoint: this.url,
      storageSize: 10 * 1024 * 1024,
      logger: this.recorder.logger,
      ...transportOptions(this.transport),
      ...(this.#proxy !== undefined && { proxy: this.#proxy.url }),
      ...this.options.client,
    });
    this.after(() => {
      client.destroy();
    });
    return client;
  }

  /** Makes the stream with the endpoint as another would; without retention nothing could be read back. */
  async createAsAnother(): Promise<void> {
    await this.control('/createStream', { StreamName: STREAM, DataRetentionInHours: 24 });
  }

  /**
   * Deletes the stream with the endpoint as another would. The media goes with it, so that what is
   * stored is noted before; nothing is stored in between.
   */
  async deleteAsAnother(): Promise<void> {
    this.source.stop();
    await sleep(QUIET);
    this.#kept.push(...(await readStored(this.dataDir)));
    const { StreamInfo } = await this.control('/describeStream', { StreamName: STREAM });
    const { StreamARN } = StreamInfo as { StreamARN: string };
    await this.control('/deleteStream', { StreamARN });
  }

  /** Cuts the connections, and has the data endpoint asked for again. */
  cut(): void {
    let refusals = 1;
    this.http.on('putMedia', ({ request }) => {
      refusals -= 1;
      if (refusals >= 0) resetOf(request);
      return refusals >= 0;
    });
    this.http.reset();
  }

  #identity(): KinesisVideoClientOptions {
    const { iot } = this.options;
    if (iot === undefined) return { credentials: this.credentials.provide };
    const { cert: certificate, key, ca } = iot;
    const endpoint = `127.0.0.1:${this.iot.port}`;
    return { iotCertificate: { endpoint, roleAlias: 'LocalRoleAlias', certificate, key, ca } };
  }

  /** Ends what was injected. */
  async heal(): Promise<void> {
    this.#http?.heal();
    await this.#tcp?.heal();
    await this.#iot?.heal();
  }

  /** Calls the endpoint as another user of the account would, past every fault. */
  async control(path: string, input: object): Promise<Record<string, unknown>> {
    const endpoint = this.#local?.endpoint ?? this.#child?.endpoint ?? '';
    const answer = await call({ endpoint } as LocalKinesisVideo, path, input, {
      credentials: canaryCredentials,
      date: new Date(Date.now() + this.#clockOffset),
    });
    if (answer.status !== 200) throw new Error(`${path} failed: ${answer.body.toString()}`);
    return answer.json;
  }

  /** What the endpoint has stored, and what it had when `keep` was called. */
  async stored(): Promise<StoredFragment[]> {
    const now = await readStored(this.dataDir);
    const paths = new Set(now.map(({ path }) => path));
    return [...now, ...this.#kept.filter(({ path }) => !paths.has(path))];
  }

  /** Has something done when the row is over; last to first. */
  after(cleanUp: () => unknown): void {
    this.#cleanUps.push(cleanUp);
  }

  /** Ends everything and removes the folder. */
  async close(): Promise<void> {
    this.#source?.stop();
    for (const cleanUp of this.#cleanUps.reverse()) await cleanUp();
    await this.#tcp?.close();
    await this.#iot?.close();
    await this.#http?.close();
    await this.#local?.close();
    await this.#child?.kill();
    await this.#dns?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { child = false, direct = child, endpoint, tls } = this.options;
    const options = { dataDir: this.dataDir, credentials: [KEY_PAIR], ...endpoint };
    if (child) this.#child = await ChildEndpoint.start(options);
    else {
      const now = (): number => Date.now() + this.#clockOffset;
      this.#local = await startLocalKinesisVideo({ now, ...options });
    }
    this.credentials.lifetime = this.options.lifetime;
    if (this.#local?.iot !== undefined) {
      this.#iot = await TcpProxy.start(Number(this.#local.iot.endpoint.split(':').at(-1)));
    }
    if (this.options.proxy === true) await this.startProxy();
    if (this.options.dns === true) this.#dns = await DnsServer.start();
    if (this.options.exists === true) await this.createAsAnother();
    if (direct) return;
    const target = this.#child?.endpoint ?? this.#local?.endpoint ?? '';
    this.#http = await HttpInjector.start(target, tls);
    this.#tcp = await TcpProxy.start(this.#http.port);
  }
}

function given<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`This row has no ${what}`);
  return value;
}
