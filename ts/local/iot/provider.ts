import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { KinesisVideoError } from '../../internal/errors.js';
import type { AccessKeys } from '../keys.js';
import { createTlsServer, listen, reachableHost } from '../listening.js';
import type { LocalThing, ResolvedLocalIot } from './options.js';

const PATH = /^\/role-aliases\/([^/]+)\/credentials$/;
const HOUR = 3_600_000;

/** What the provider works with. */
export interface IotProviderOptions extends ResolvedLocalIot {
  readonly host: string;
  /** Where the keys that it hands out become known. */
  readonly keys: AccessKeys;
  readonly now: () => number;
  readonly log: (sentence: string) => void;
}

/** An answer. */
interface Answer {
  readonly status: number;
  readonly body: object;
}

/** The credentials provider of AWS IoT: temporary keys for the certificate of a device. */
export class IotProvider {
  readonly #options: IotProviderOptions;
  readonly #server: Server;
  /** The things of a certificate, by its fingerprint. */
  readonly #things = new Map<string, LocalThing[]>();

  /** Throws KinesisVideoError when a certificate cannot be used. */
  constructor(options: IotProviderOptions) {
    this.#options = options;
    for (const thing of options.things) {
      const fingerprint = fingerprintOf(thing);
      this.#things.set(fingerprint, [...(this.#things.get(fingerprint) ?? []), thing]);
    }
    const { tls, ca } = options;
    const client = { ca, requestCert: true, rejectUnauthorized: true };
    this.#server = createTlsServer(tls, 'iot.tls', client, (request, response) => {
      this.#serve(request, response);
    });
  }

  /** Host and port, as clients take them for the endpoint of the provider. */
  get endpoint(): string {
    return reachableHost(this.#server, this.#options.host);
  }

  /** Starts to listen. Throws KinesisVideoError when that is not possible. */
  async listen(): Promise<void> {
    await listen(this.#server, this.#options.host, this.#options.port);
  }

  /** Ends every connection. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { status, body } = this.#answer(request);
    if (status !== 200) {
      const { log } = this.#options;
      log(`${request.method} ${request.url} is refused with ${status} ${JSON.stringify(body)}`);
    }
    response.writeHead(status, {
      'content-type': 'application/json',
      date: new Date(this.#options.now()).toUTCString(),
    });
    response.end(JSON.stringify(body));
  }

  #answer(request: IncomingMessage): Answer {
    const alias = PATH.exec(request.url ?? '')?.[1];
    if (alias === undefined || request.method !== 'GET') return refusal(404, 'Not Found');
    const { roleAliases, keys, now } = this.#options;
    const role = Object.hasOwn(roleAliases, alias) ? roleAliases[alias] : undefined;
    if (role === undefined) return refusal(404, `Role alias ${alias} does not exist`);

    const socket = request.socket as unknown as PeerSocket;
    const attached = this.#things.get(socket.getPeerCertificate().fingerprint256);
    if (attached === undefined) return refusal(403, 'Access Denied');
    const name = request.headers['x-amzn-iot-thingname'];
    const thing = attached.find((candidate) => candidate.name === name);
    if (name !== undefined && thing === undefined) return refusal(403, 'Invalid thing name passed');

    // Without a name the policy of a thing has nothing to put in its place.
    const streams = attached.flatMap((candidate) => candidate.streams ?? []);
    const allowed = new Set(thing === undefined ? streams : [thing.name, ...(thing.streams ?? [])]);
    const { accessKeyId, secretAccessKey, sessionToken, expires } = keys.issue({
      // Expirations are told in whole seconds.
      expires: Math.floor((now() + (role.duration ?? HOUR)) / 1000) * 1000,
      owner: `The thing ${JSON.stringify(thing?.name ?? 'without a name')} with role alias ${alias}`,
      allows: (streamName) => streamName !== undefined && allowed.has(streamName),
    });
    const expiration = new Date(expires).toISOString().replace('.000', '');
    return {
      status: 200,
      body: { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } },
    };
  }
}

/** As much of a TLSSocket as is looked at. */
interface PeerSocket {
  getPeerCertificate(): { readonly fingerprint256: string };
}

function refusal(status: number, message: string): Answer {
  return { status, body: { message } };
}

function fingerprintOf({ name, certificate }: LocalThing): string {
  try {
    return new X509Certificate(certificate).fingerprint256;
  } catch (cause) {
    throw new KinesisVideoError(
      'STATUS_INVALID_ARG',
      `The certificate of thing "${name}" cannot be used. Give it in PEM.`,
      { values: { thing: name }, cause },
    );
  }
}
