/** Deletes a stream with all that it holds, and creates it anew under the same name. */
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamCommand,
  KinesisVideoClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video';
import { openSetting, sendClip } from './support/setting.mjs';

const setting = await openSetting();
const { service, streamName } = setting;
const control = new KinesisVideoClient(service);

/** What the service says about the stream; undefined when there is none. */
async function describe() {
  try {
    const { StreamInfo } = await control.send(
      new DescribeStreamCommand({ StreamName: streamName }),
    );
    return StreamInfo;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** Asks twice a second, which the service allows, until what it says is as it should be. */
async function until(isRight) {
  for (;;) {
    const info = await describe();
    if (isRight(info)) return info;
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}

const before = await describe();
if (before !== undefined) {
  // The version guards against deleting what somebody else has changed meanwhile.
  const { StreamARN, Version } = before;
  await control.send(new DeleteStreamCommand({ StreamARN, CurrentVersion: Version }));
  await until((info) => info === undefined);
  console.log(`deleted ${StreamARN}`);
}
await control.send(new CreateStreamCommand({ StreamName: streamName, DataRetentionInHours: 24 }));
const { StreamARN } = await until((info) => info?.Status === 'ACTIVE');
console.log(`created ${StreamARN}`);
await sendClip(service, streamName);
console.log('a clip was sent to it');
control.destroy();
await setting.close();
