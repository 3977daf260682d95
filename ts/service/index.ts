/**
 * The service: its control plane, PutMedia, and what their errors mean.
 *
 * It loads what makes connections. What importing the package needs for checking options is imported
 * from its own file.
 */
export { ClockSkew } from './clock-skew.js';
export {
  ControlPlane,
  type CallOptions,
  type ControlPlaneOptions,
  type DataApi,
  type ListStreamsOptions,
} from './control-plane.js';
export {
  checkEndpointChoice,
  configuredEndpoint,
  resolveControlEndpoint,
  type EndpointChoice,
} from './control-endpoint.js';
export { resolveRegion } from './endpoints.js';
export type { EnsureStreamOptions, StreamDefinition } from './ensure-stream.js';
export { MediaChunk } from './media-chunk.js';
export { PutMediaConnection } from './put-media.js';
export type { PutMediaOptions } from './put-media-request.js';
export { openService, type OpenService } from './open-service.js';
export { retryAfterOf } from './retry-after.js';
export { SdkClient, type SdkConnection, type SdkPackage, type SendOptions } from './sdk-client.js';
export { sdkError } from './sdk-error.js';
export type { CallAttempt, ServiceCall } from './service-call.js';
export { malformedAnswer, type Signer } from './service-error.js';
export type { ServiceOptions } from './service-options.js';
export { signStreamingRequest, type SignableRequest } from './signing.js';
export type { StreamInfo, StreamStatus } from './stream-info.js';
export { tellCall } from './tell-call.js';
export type { CredentialsProvider } from '../credentials/index.js';
