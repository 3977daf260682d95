import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { LocalKinesisVideo } from '../../../ts/local/index.js';
import type { TestContext } from '../../support/suite.js';
import { request } from './http.js';
import { signedHeaders } from './signing.js';

/** Opens a GetMedia that stays open until the test is over. */
export async function openGetMedia(
  t: TestContext,
  local: LocalKinesisVideo,
  selector: object,
): Promise<IncomingMessage> {
  const body = JSON.stringify({ StreamName: 'cam', StartSelector: selector });
  const headers = await signedHeaders(local.endpoint, '/getMedia', { body });
  const sent = request(local.endpoint, '/getMedia', headers);
  t.after(() => sent.destroy());
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
