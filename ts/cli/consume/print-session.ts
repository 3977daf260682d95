import { once } from 'node:events';
import type {
  DashSessionOptions,
  HlsSessionOptions,
  KinesisVideoConsumer,
  PlaybackUrl,
} from '../../consumer/index.js';
import { JsonLines } from '../json-lines.js';
import type { SessionCommandOptions } from './session-command.js';
import { withConsumer } from './with-consumer.js';

type Opener = 'openHlsSession' | 'openDashSession';

/** Prints the URL of a session and, when asked to follow, each new one. Returns the exit status. */
export async function printSession<O extends Opener>(
  options: SessionCommandOptions,
  open: O,
  session: O extends 'openHlsSession' ? HlsSessionOptions : DashSessionOptions,
): Promise<number> {
  const json = new JsonLines(options.json);
  const print = ({ url, expiresAt }: PlaybackUrl): void => {
    json.write('url', { url, expiresAt: new Date(expiresAt).toISOString() });
    if (!options.json) process.stdout.write(`${url}\n`);
  };
  return withConsumer(options, async ({ consumer, signal }) => {
    const opened = await openSession(consumer, open, { ...session, signal });
    print(opened);
    if (!options.follow) return undefined;
    opened.on('renewed', print);
    // The timer of the session keeps no process alive.
    const alive = setInterval(() => undefined, 2 ** 30);
    try {
      const [failure] = (await once(opened, 'failed', { signal })) as [Error];
      throw failure;
    } catch (error) {
      // An interrupt is how it is meant to end.
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      clearInterval(alive);
    }
  });
}

function openSession(
  consumer: KinesisVideoConsumer,
  open: Opener,
  session: HlsSessionOptions & DashSessionOptions,
) {
  return open === 'openHlsSession'
    ? consumer.openHlsSession(session)
    : consumer.openDashSession(session);
}
