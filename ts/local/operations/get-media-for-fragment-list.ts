import { FRAGMENT_NUMBER_RULE } from '../fragments/number.js';
import { FragmentListSession } from '../media/fragment-list-session.js';
import { streamOf } from './members.js';
import type { Operation } from './operation.js';
import { whileReading } from './readers.js';

const MAX_FRAGMENTS = 1000;
const MAX_CONNECTIONS = 5;

/** GetMediaForFragmentList: the media of fragments that are named, in the order of their names. */
export const getMediaForFragmentList: Operation = {
  path: '/getMediaForFragmentList',
  async handle({ input, service, exchange }) {
    const rules = { item: FRAGMENT_NUMBER_RULE, min: 1, max: MAX_FRAGMENTS };
    const numbers = input.required('Fragments', input.textList('Fragments', rules));
    const stream = streamOf(input, service.streams);
    stream.requireActive();
    stream.enforceRetention();
    service.quotas.spend('media', stream, numbers.length);
    const session = new FragmentListSession(exchange, stream, service);
    // The operation knows no ConnectionLimitExceededException.
    const limit = {
      connections: MAX_CONNECTIONS,
      exception: 'ClientLimitExceededException',
    } as const;
    await whileReading(stream, session, limit, () => session.run(numbers));
    return undefined;
  },
};
