import { invalidArgument } from '../exceptions.js';
import { MAX_RETENTION_HOURS, streamOf, VERSION } from './members.js';
import type { Operation } from './operation.js';

const OPERATIONS = ['INCREASE_DATA_RETENTION', 'DECREASE_DATA_RETENTION'] as const;

/** UpdateDataRetention: by a number of hours up or down; a decrease drops what is too old at once. */
export const updateDataRetention: Operation = {
  path: '/updateDataRetention',
  async handle({ input, service }) {
    const version = input.required('CurrentVersion', input.text('CurrentVersion', VERSION));
    const operation = input.required('Operation', input.choice('Operation', OPERATIONS));
    const change = input.required(
      'DataRetentionChangeInHours',
      input.integer('DataRetentionChangeInHours', 1, MAX_RETENTION_HOURS),
    );
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(version);

    const current = stream.record.dataRetentionInHours;
    const hours = current + (operation === 'INCREASE_DATA_RETENTION' ? change : -change);
    if (hours < 0 || hours > MAX_RETENTION_HOURS) {
      throw invalidArgument(
        `The retention period would be ${hours} hours (${current} now); it must stay within 0 to ${MAX_RETENTION_HOURS}`,
      );
    }
    await stream.update((record) => {
      record.dataRetentionInHours = hours;
    });
    service.streams.beginUpdate(stream);
    stream.enforceRetention();
    return {};
  },
};
