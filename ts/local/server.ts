import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { authorize } from './authorization.js';
import { PersistedFragments } from './events/persisted-fragments.js';
import { Refusal, ServiceException } from './exceptions.js';
import { Exchange } from './exchange.js';
import { FaultInjector } from './faults/injector.js';
import { Gate } from './gate.js';
import { Input } from './input.js';
import type { AccessKeys } from './keys.js';
import { createTlsServer, listen, reachableHost } from './listening.js';
import { METRICS_PATH, serveMetrics } from './metrics/prometheus.js';
import { OPERATIONS } from './operations/index.js';
import type { ResolvedOptions } from './options.js';
import { isPlaybackPath, RESOURCE_NAMES, servePlayback } from './playback/resources.js';
import { PlaybackSessions } from './playback/sessions.js';
import { Quotas } from './quotas/quotas.js';
import type { LocalService } from './service.js';
import { readSignature, type SignaturePolicy } from './signature.js';
import type { StreamRegistry } from './streams/registry.js';
import { operationName, targetsOf, targetStream } from './target.js';

/** The names of everything that can be called. */
const OPERATION_NAMES = [...[...OPERATIONS.keys()].map(operationName), ...RESOURCE_NAMES];

const KEEP_ALIVE_MS = 60_000;
/** Lets the system find out about clients that have vanished. */
const PROBES = { keepAlive: true, keepAliveInitialDelay: 30_000 };

/** What the service answers at a path it does not know: an error, with status 200. */
const UNKNOWN_OPERATION = {
  Output: { __type: 'com.amazon.coral.service#UnknownOperationException' },
  Version: '1.0',
};

/** The HTTP side of the endpoint: connections, signatures, and the way to the operation. */
export class LocalServer implements LocalService {
  readonly options: ResolvedOptions;
  readonly streams: StreamRegistry;
  readonly persisted: PersistedFragments;
  readonly playback: PlaybackSessions;
  readonly faults: FaultInjector;
  readonly quotas: Quotas;
  readonly gate: Gate;
  readonly #policy: SignaturePolicy;
  readonly #server: Server;
  readonly #active = new Set<Promise<void>>();

  /** Throws KinesisVideoError when the key or the certificate cannot be used. */
  constructor(options: ResolvedOptions, streams: StreamRegistry, keys: AccessKeys) {
    this.options = options;
    this.streams = streams;
    this.persisted = new PersistedFragments(options.log);
    this.playback = new PlaybackSessions(options.now);
    this.faults = new FaultInjector(OPERATION_NAMES, options.faultSeed);
    this.faults.set(options.faults);
    this.quotas = new Quotas(options);
    this.gate = new Gate(this.faults, this.quotas);
    this.#policy = {
      keys,
      region: options.region,
      now: options.now,
    };
    this.#server = createHttpServer(options, (request, response) => {
      // By the clock that signatures are checked with.
      response.setHeader('date', new Date(options.now()).toUTCString());
      const work = this.#serve(new Exchange(request, response));
      this.#active.add(work);
      void work.finally(() => this.#active.delete(work));
    });
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    // PutMedia and GetMedia go on for as long as they like; JSON bodies have a limit of their own.
    this.#server.requestTimeout = 0;
  }

  /** The URL for clients on this machine. */
  get endpoint(): string {
    const { host, tls } = this.options;
    return `${tls === undefined ? 'http' : 'https'}://${reachableHost(this.#server, host)}`;
  }

  /** Starts to listen. Throws KinesisVideoError when that is not possible. */
  async listen(): Promise<void> {
    await listen(this.#server, this.options.host, this.options.port);
  }

  /** Ends every connection and waits until nothing is under way. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await Promise.all(this.#active);
    await this.persisted.close();
  }

  urlFor({ request }: Exchange): string {
    const { host } = request.headers;
    // Some clients leave the port out of the header, and then it is not known how they came here.
    const hasPort = host !== undefined && /:\d+$/.test(host);
    return hasPort ? new URL(this.endpoint).protocol + '//' + host : this.endpoint;
  }

  /** Answers one request. Never rejects. */
  async #serve(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    try {
      if (exchange.path === METRICS_PATH) {
        serveMetrics(exchange, this.streams.list());
        return;
      }
      if (isPlaybackPath(exchange.path)) {
        await servePlayback(exchange, this);
        return;
      }
      const signature = readSignature(request, this.#policy);
      const operation = OPERATIONS.get(exchange.path);
      const body = operation?.streamsBody === true ? undefined : await exchange.readBody();
      signature.verify(body);
      if (operation === undefined || request.method !== 'POST') {
        exchange.send(200, UNKNOWN_OPERATION);
        return;
      }
      const json = parseJson(body);
      const targets = targetsOf(exchange.path, operation.streamsBody ? request.headers : json);
      for (const target of targets) authorize(signature.key, target, this.streams);
      const input = new Input(json);
      const faults = await this.gate.admit(exchange, targets[0], {
        stream: targetStream(targets[0], this.streams),
      });
      if (faults === undefined) return;
      const output = await operation.handle({ service: this, exchange, input, faults });
      if (output !== undefined) exchange.send(200, output);
    } catch (error) {
      this.#report(exchange, error);
      exchange.fail(error);
    }
  }

  #report(exchange: Exchange, error: unknown): void {
    if (exchange.request.destroyed && !exchange.request.complete) return;
    const isRefusal = error instanceof Refusal;
    const reason = isRefusal ? describeRefusal(error) : String(error);
    this.options.log(`${exchange.request.method} ${exchange.path} is refused with ${reason}`);
  }
}

function createHttpServer(options: ResolvedOptions, listener: RequestListener): Server {
  if (options.tls === undefined) return createServer(PROBES, listener);
  return createTlsServer(options.tls, 'tls', PROBES, listener);
}

function describeRefusal({ type, httpStatus, message }: Refusal): string {
  return `${type === '' ? `HTTP ${httpStatus}` : type}: ${message}`;
}

function parseJson(body: Buffer | undefined): unknown {
  if (body === undefined || body.length === 0) return {};
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new ServiceException('SerializationException', 'The request body is not valid JSON');
  }
}
