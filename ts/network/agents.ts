import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import type { Dialer } from './dialer.js';

/** Connections kept open for further requests, of each agent. */
const MAX_SOCKETS = 50;

/** Agents for the HTTP clients of Node.js, as the AWS SDK uses them. */
export interface Agents {
  readonly httpAgent: Agent;
  readonly httpsAgent: Agent;
}

/**
 * Agents whose connections `dialer` makes, at most `connectTimeout` milliseconds each. Whoever gets
 * them destroys them.
 */
export function dialingAgents(dialer: Dialer, connectTimeout: number): Agents {
  return {
    httpAgent: new DialingAgent(dialer, connectTimeout, 'http:'),
    httpsAgent: new DialingAgent(dialer, connectTimeout, 'https:'),
  };
}

class DialingAgent extends Agent {
  readonly #dialer: Dialer;
  readonly #connectTimeout: number;
  readonly #isSecure: boolean;
  readonly #destroyed = new AbortController();

  constructor(dialer: Dialer, connectTimeout: number, protocol: 'http:' | 'https:') {
    super({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#dialer = dialer;
    this.#connectTimeout = connectTimeout;
    this.#isSecure = protocol === 'https:';
    this.protocol = protocol;
  }

  override isSecureEndpoint(): boolean {
    return this.#isSecure;
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<Socket> {
    const { host = 'localhost', port } = options as { host?: string; port?: number | string };
    const authority = `${host.includes(':') ? `[${host}]` : host}${port ? `:${port}` : ''}`;
    const url = new URL(`${this.protocol}//${authority}`);
    const stop = new AbortController();
    // A request without a socket tells nobody that it was destroyed.
    const destroy = request.destroy.bind(request);
    request.destroy = (error) => {
      stop.abort(error ?? new Error('the request was ended'));
      return destroy(error);
    };
    const onDestroyed = (): void => {
      stop.abort(this.#destroyed.signal.reason);
    };
    this.#destroyed.signal.addEventListener('abort', onDestroyed, { once: true });
    try {
      if (this.#destroyed.signal.aborted) onDestroyed();
      if (request.destroyed) stop.abort(new Error('the request was ended'));
      return await this.#dialer.dial(url, {
        connectTimeout: this.#connectTimeout,
        signal: stop.signal,
      });
    } finally {
      request.destroy = destroy;
      this.#destroyed.signal.removeEventListener('abort', onDestroyed);
    }
  }

  override destroy(): void {
    this.#destroyed.abort(new Error('the agent was destroyed'));
    super.destroy();
  }
}
