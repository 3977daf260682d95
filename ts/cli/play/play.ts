import { once } from 'node:events';
import { dialingAgents, Dialer } from '../../network/index.js';
import { PlayServer, ServiceSource } from '../../play/index.js';
import { credentialsOf, LOCAL_REGION, resolveConnection } from '../connection.js';
import { INTERRUPTED_STATUS, Interrupts } from '../interrupts.js';
import { JsonLines } from '../json-lines.js';
import { openLog } from '../log.js';
import { explainMissing } from '../missing-stream.js';
import { Terminal } from '../terminal.js';
import { Closing } from './closing.js';
import type { PlayOptions } from './command.js';
import { startDemo, type Demo } from './demo.js';
import { openBrowser } from './open-browser.js';

/** Milliseconds for a connection to a playback session. */
const CONNECT_TIMEOUT = 10_000;

/** Serves the page until it is interrupted. Returns the exit status. */
export async function play(options: PlayOptions & { readonly stream: string }): Promise<number> {
  const interrupts = new Interrupts();
  interrupts.abort.addEventListener('abort', () => process.exit(INTERRUPTED_STATUS));
  const terminal = new Terminal();
  const json = new JsonLines(options.json);
  const log = openLog(options, terminal);
  const { stream: streamName } = options;
  const closing = new Closing();
  closing.add(() => log.close());
  try {
    const demo = options.demo
      ? await startDemo(streamName, log.logger, (error) => {
          terminal.error(error);
        })
      : undefined;
    if (demo !== undefined) closing.add(() => demo.close());
    const connection = await resolveConnection(connectionOptions(options, demo));
    const { region, endpoint, network } = connection;
    const agents = dialingAgents(new Dialer(network), CONNECT_TIMEOUT);
    closing.add(() => {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    });
    const source = new ServiceSource(streamName, {
      region,
      endpoint,
      credentials: credentialsOf(connection, streamName),
      ...network,
      logger: log.logger,
    });
    closing.add(() => {
      source.close();
    });
    const server = await PlayServer.start({
      config: {
        streamName,
        region,
        endpoint: demo === undefined ? options.endpoint : endpoint,
        hasProducer: demo !== undefined,
      },
      source,
      port: options.port,
      agents,
      log: (error) => {
        terminal.error(explainMissing(error, streamName));
      },
    });
    closing.add(() => server.close());
    demo?.onAck((ack) => {
      server.publish(ack);
    });
    json.write('ready', { url: server.url, streamName, region, endpoint, source: demo?.picture });
    if (!options.json) process.stdout.write(introduction(server.url, streamName, demo));
    if (options.open) openBrowser(server.url, terminal);
    if (!interrupts.finish.aborted) await once(interrupts.finish, 'abort');
    json.write('closed', { streamName });
    return 0;
  } finally {
    await closing.close();
    interrupts.dispose();
  }
}

function connectionOptions(options: PlayOptions, demo: Demo | undefined): PlayOptions {
  return demo === undefined
    ? options
    : { ...options, endpoint: demo.endpoint, region: LOCAL_REGION };
}

function introduction(url: string, streamName: string, demo: Demo | undefined): string {
  const what = demo === undefined ? '' : `, ${demo.picture}, from an endpoint on this machine`;
  return `Playing stream "${streamName}"${what}; Ctrl-C ends it.\n\n  ${url}\n`;
}
