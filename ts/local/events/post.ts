import * as http from 'node:http';
import * as https from 'node:https';
import type { SnsMessage } from './sns-message.js';

/**
 * Posts a message and returns the status of the answer, whose body is ignored. Rejects when there is
 * no answer, and with the reason of `signal`.
 */
export async function post(url: URL, message: SnsMessage, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const { request } = url.protocol === 'https:' ? https : http;
  const headers = { ...message.headers, 'content-length': Buffer.byteLength(message.body) };
  return await new Promise((resolve, reject) => {
    // Without an agent no connection is left open that would keep the process alive.
    const sent = request(url, { method: 'POST', headers, agent: false, signal }, (response) => {
      response.on('error', reject).on('end', () => {
        resolve(response.statusCode ?? 0);
      });
      response.resume();
    });
    sent.on('error', (error) => {
      reject(signal.aborted ? (signal.reason as Error) : error);
    });
    sent.end(message.body);
  });
}
