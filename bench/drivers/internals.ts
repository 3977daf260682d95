/** What trials without a network need of the inside of the package; dist/ has its surface alone. */
export { binding } from '../../ts/internal/binding.js';
export { highPart, lowPart, ReadKind } from '../../ts/internal/native.js';
export { kConstruct } from '../../ts/internal/symbols.js';
export { toNativeConfig } from '../../ts/producer/native-config.js';
export { resolveDefinition } from '../../ts/producer/stream-definition.js';
export { KinesisVideoStream } from '../../ts/producer/stream.js';
