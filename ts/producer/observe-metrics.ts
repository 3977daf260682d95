import { expected } from '../internal/options.js';
import { kSnapshot } from '../internal/symbols.js';
import { KinesisVideoClient } from './client.js';
import {
  CLIENT_METRICS,
  STREAM_ATTRIBUTE,
  STREAM_METRICS,
  type MetricKind,
  type MetricRow,
} from './metric-table.js';

/** Attributes of a value, by name. */
export type MetricAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a meter is told of an instrument. */
export interface MetricInstrumentOptions {
  /** In the notation of UCUM, such as `By` and `s`. */
  readonly unit: string;
  /** A sentence for people. */
  readonly description: string;
}

/** What takes the values of instruments. */
export interface MetricObserver {
  /** Takes the value of an instrument at this moment. */
  observe(instrument: object, value: number, attributes?: MetricAttributes): void;
}

/** Called by a meter when it collects. */
export type MetricBatchCallback = (observer: MetricObserver) => void;

/** What is used of a `Meter` of OpenTelemetry, which any version of its API from 1.3 on has. */
export interface MetricMeter {
  /** Makes an instrument for a value that only grows. */
  createObservableCounter(name: string, options: MetricInstrumentOptions): object;
  /** Makes an instrument for a value that can be summed up. */
  createObservableUpDownCounter(name: string, options: MetricInstrumentOptions): object;
  /** Makes an instrument for a value whose sum means nothing. */
  createObservableGauge(name: string, options: MetricInstrumentOptions): object;
  /** Has a function called for the values of all these instruments. */
  addBatchObservableCallback(callback: MetricBatchCallback, instruments: object[]): void;
  /** Undoes that. */
  removeBatchObservableCallback(callback: MetricBatchCallback, instruments: object[]): void;
}

/** How to observe. */
export interface ObserveOptions {
  /** Attributes of every value. Clients that share a meter need some by which they differ. */
  readonly attributes?: MetricAttributes | undefined;
}

/**
 * Has a meter of OpenTelemetry observe all metrics of a client and of its streams, those that are made
 * later included. A stream that is closed is observed no more. Whenever the meter collects, the metrics
 * of each stream are read once; nothing happens in between.
 *
 * @returns a function that ends it
 *
 * @example
 * ```ts
 * import { metrics } from '@opentelemetry/api';
 * const end = observeMetrics(metrics.getMeter('camera'), client);
 * ```
 */
export function observeMetrics(
  meter: MetricMeter,
  client: KinesisVideoClient,
  { attributes = {} }: ObserveOptions = {},
): () => void {
  if (!(client instanceof KinesisVideoClient)) {
    throw expected('a KinesisVideoClient', 'the client of observeMetrics', client);
  }
  const ofClient = CLIENT_METRICS.map((row) => ({ row, instrument: create(meter, row) }));
  const ofStream = STREAM_METRICS.map((row) => ({ row, instrument: create(meter, row) }));
  const observe = (observer: MetricObserver): void => {
    const snapshot = client[kSnapshot]();
    if (snapshot === undefined) return;
    for (const { row, instrument } of ofClient) {
      observeRow(observer, instrument, row, snapshot.client, attributes);
    }
    for (const [streamName, metrics] of snapshot.streams) {
      const named = { ...attributes, [STREAM_ATTRIBUTE]: streamName };
      for (const { row, instrument } of ofStream) {
        observeRow(observer, instrument, row, metrics, named);
      }
    }
  };
  const instruments = [...ofClient, ...ofStream].map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(observe, instruments);
  return () => {
    meter.removeBatchObservableCallback(observe, instruments);
  };
}

const CREATORS = {
  counter: 'createObservableCounter',
  'up-down-counter': 'createObservableUpDownCounter',
  gauge: 'createObservableGauge',
} as const satisfies Record<MetricKind, keyof MetricMeter>;

function create(meter: MetricMeter, row: MetricRow<never>): object {
  const { name, unit, description } = row;
  return meter[CREATORS[row.kind]](name, { unit, description });
}

function observeRow<M>(
  observer: MetricObserver,
  instrument: object,
  { read, attribute = '' }: MetricRow<M>,
  metrics: M,
  attributes: MetricAttributes,
): void {
  const value = read(metrics);
  if (value === undefined) return;
  if (typeof value === 'number') {
    observer.observe(instrument, value, attributes);
    return;
  }
  for (const [which, one] of Object.entries(value)) {
    observer.observe(instrument, one, { ...attributes, [attribute]: which });
  }
}
