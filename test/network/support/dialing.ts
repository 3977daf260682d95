/** What tests of connections have in common. */
import type { Socket } from 'node:net';
import { Dialer, networkError, type DialerOptions } from '../../../ts/network/index.js';
import type { KinesisVideoError } from '../../../ts/internal/errors.js';
import type { TestContext } from '../../support/suite.js';

/** Dials once, and destroys the socket with the test. */
export async function dial(
  t: TestContext,
  url: string,
  options: DialerOptions = {},
  limits: { connectTimeout?: number; signal?: AbortSignal } = {},
): Promise<Socket> {
  const dialer = new Dialer({ proxy: false, ...options });
  const socket = await dialer.dial(new URL(url), { connectTimeout: 3000, ...limits });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return socket;
}

/** The error for the user when dialing fails. */
export async function dialFailure(
  t: TestContext,
  url: string,
  options: DialerOptions = {},
  limits: { connectTimeout?: number } = {},
): Promise<KinesisVideoError> {
  try {
    await dial(t, url, options, limits);
  } catch (error) {
    return networkError({ name: `service at ${url}`, operation: 'Test', values: {} }, error);
  }
  throw new Error('dialing did not fail');
}

/** Sets variables of the environment for one test; undefined removes one. */
export function setEnvironment(
  t: TestContext,
  values: Readonly<Record<string, string | undefined>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    set(name, value);
    t.after(() => {
      set(name, before);
    });
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
