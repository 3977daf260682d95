import { invalidArgument } from '../exceptions.js';
import type { Input } from '../input.js';
import type { ImageGenerationConfiguration } from '../streams/record.js';
import { CONFIGURATION_STATUS, DESTINATION_URI, requireRetention, streamOf } from './members.js';
import type { Operation } from './operation.js';

const SELECTOR_TYPES = ['SERVER_TIMESTAMP', 'PRODUCER_TIMESTAMP'] as const;
const FORMATS = ['JPEG', 'PNG'] as const;
const REGION = { min: 1, max: 64 };
const MIN_SAMPLING_MS = 200;
/** The model has no upper limit but that of its type. */
const MAX_SAMPLING_MS = 2 ** 31 - 1;
const MAX_WIDTH = 3840;
const MAX_HEIGHT = 2160;
const FORMAT_CONFIG = {
  key: { min: 11, max: 11, pattern: /^JPEGQuality$/ },
  value: { min: 1, max: 3, pattern: /^([1-9]\d?|100)$/ },
  min: 1,
  max: 1,
};

/** UpdateImageGenerationConfiguration: one that is absent or null takes the former away. */
export const updateImageGenerationConfiguration: Operation = {
  path: '/updateImageGenerationConfiguration',
  async handle({ input, service }) {
    const given = input.object('ImageGenerationConfiguration');
    const configuration = given && readConfiguration(given, service.options.region);
    const stream = streamOf(input, service.streams);
    stream.requireChangeable(undefined);
    if (configuration !== undefined) requireRetention(stream);
    await stream.save((record) => {
      record.imageGeneration = configuration;
    });
    return {};
  },
};

function readConfiguration(given: Input, region: string): ImageGenerationConfiguration {
  const selector = given.choice('ImageSelectorType', SELECTOR_TYPES);
  const interval = given.integer('SamplingInterval', MIN_SAMPLING_MS, MAX_SAMPLING_MS);
  const format = given.textMap('FormatConfig', FORMAT_CONFIG);
  const destination = given.required('DestinationConfig', given.object('DestinationConfig'));
  return {
    Status: given.required('Status', given.choice('Status', CONFIGURATION_STATUS)),
    ImageSelectorType: given.required('ImageSelectorType', selector),
    DestinationConfig: readDestination(destination, region),
    SamplingInterval: given.required('SamplingInterval', interval),
    Format: given.required('Format', given.choice('Format', FORMATS)),
    FormatConfig: format && Object.fromEntries(format),
    WidthPixels: given.integer('WidthPixels', 1, MAX_WIDTH),
    HeightPixels: given.integer('HeightPixels', 1, MAX_HEIGHT),
  };
}

function readDestination(
  given: Input,
  region: string,
): ImageGenerationConfiguration['DestinationConfig'] {
  const uri = given.required('Uri', given.text('Uri', DESTINATION_URI));
  const member = 'ImageGenerationConfiguration.DestinationConfig';
  if (!/^s3:\/\/[^/]/.test(uri)) {
    throw invalidArgument(
      `Value '${uri}' at '${member}.Uri' is not the place of a bucket, such as s3://bucket/prefix`,
    );
  }
  const destination = given.text('DestinationRegion', REGION);
  if (given.required('DestinationRegion', destination) !== region) {
    throw invalidArgument(
      `Value '${destination}' at '${member}.DestinationRegion' is not the region of the stream, ${region}`,
    );
  }
  return { Uri: uri, DestinationRegion: region };
}
