// Run in a project that has the package installed: CommonJS gets the same classes as ESM does.
const assert = require('node:assert/strict');
const required = require('kinesis-video-producer');

assert.equal(typeof require('kinesis-video-producer/ingest').openMedia, 'function');
assert.equal(typeof require('kinesis-video-producer/local').startLocalKinesisVideo, 'function');

void import('kinesis-video-producer').then((imported) => {
  assert.equal(imported.KinesisVideoClient, required.KinesisVideoClient);
});
