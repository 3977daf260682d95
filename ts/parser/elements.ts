/** The elements of EBML and Matroska (RFC 8794 section 11, RFC 9559 section 5) that a stream of media uses. */

/** How the content of an element is to be read. */
export type ElementType =
  'master' | 'unsigned' | 'signed' | 'float' | 'string' | 'utf-8' | 'date' | 'binary';

/** What is known about one element. */
export interface ElementDefinition {
  /** Its id, with the marker of its length. */
  readonly id: number;
  /** Its name in the specification. */
  readonly name: string;
  /** How its content is to be read. */
  readonly type: ElementType;
  /** Id of the element it lives in; undefined at the top level and for global elements. */
  readonly parent: number | undefined;
}

/** Ids by name. */
export const ElementId = {
  EBML: 0x1a45dfa3,
  EBMLVersion: 0x4286,
  EBMLReadVersion: 0x42f7,
  EBMLMaxIDLength: 0x42f2,
  EBMLMaxSizeLength: 0x42f3,
  DocType: 0x4282,
  DocTypeVersion: 0x4287,
  DocTypeReadVersion: 0x4285,
  Void: 0xec,
  CRC32: 0xbf,
  Segment: 0x18538067,
  SeekHead: 0x114d9b74,
  Seek: 0x4dbb,
  SeekID: 0x53ab,
  SeekPosition: 0x53ac,
  Info: 0x1549a966,
  SegmentUUID: 0x73a4,
  TimestampScale: 0x2ad7b1,
  Duration: 0x4489,
  DateUTC: 0x4461,
  Title: 0x7ba9,
  MuxingApp: 0x4d80,
  WritingApp: 0x5741,
  Tracks: 0x1654ae6b,
  TrackEntry: 0xae,
  TrackNumber: 0xd7,
  TrackUID: 0x73c5,
  TrackType: 0x83,
  FlagEnabled: 0xb9,
  FlagDefault: 0x88,
  FlagForced: 0x55aa,
  FlagLacing: 0x9c,
  DefaultDuration: 0x23e383,
  Name: 0x536e,
  Language: 0x22b59c,
  CodecID: 0x86,
  CodecPrivate: 0x63a2,
  CodecName: 0x258688,
  CodecDelay: 0x56aa,
  SeekPreRoll: 0x56bb,
  Video: 0xe0,
  FlagInterlaced: 0x9a,
  PixelWidth: 0xb0,
  PixelHeight: 0xba,
  DisplayWidth: 0x54b0,
  DisplayHeight: 0x54ba,
  Colour: 0x55b0,
  Audio: 0xe1,
  SamplingFrequency: 0xb5,
  OutputSamplingFrequency: 0x78b5,
  Channels: 0x9f,
  BitDepth: 0x6264,
  ContentEncodings: 0x6d80,
  Cluster: 0x1f43b675,
  Timestamp: 0xe7,
  Position: 0xa7,
  PrevSize: 0xab,
  SimpleBlock: 0xa3,
  BlockGroup: 0xa0,
  Block: 0xa1,
  BlockAdditions: 0x75a1,
  BlockDuration: 0x9b,
  ReferencePriority: 0xfa,
  ReferenceBlock: 0xfb,
  DiscardPadding: 0x75a2,
  Cues: 0x1c53bb6b,
  CuePoint: 0xbb,
  CueTime: 0xb3,
  CueTrackPositions: 0xb7,
  CueTrack: 0xf7,
  CueClusterPosition: 0xf1,
  CueRelativePosition: 0xf0,
  Attachments: 0x1941a469,
  Chapters: 0x1043a770,
  Tags: 0x1254c367,
  Tag: 0x7373,
  Targets: 0x63c0,
  TargetTypeValue: 0x68ca,
  TargetType: 0x63ca,
  TagTrackUID: 0x63c5,
  TagEditionUID: 0x63c9,
  TagChapterUID: 0x63c4,
  TagAttachmentUID: 0x63c6,
  SimpleTag: 0x67c8,
  TagName: 0x45a3,
  TagLanguage: 0x447a,
  TagDefault: 0x4484,
  TagString: 0x4487,
  TagBinary: 0x4485,
} as const;

type ElementName = keyof typeof ElementId;

/** Children by parent, each as `name:type` with the type letters of TYPES. */
const TREE: Readonly<Partial<Record<ElementName | 'root', string>>> = {
  root: 'EBML:m Void:b CRC32:b Segment:m',
  EBML:
    'EBMLVersion:u EBMLReadVersion:u EBMLMaxIDLength:u EBMLMaxSizeLength:u DocType:s DocTypeVersion:u ' +
    'DocTypeReadVersion:u',
  Segment: 'SeekHead:m Info:m Tracks:m Cluster:m Cues:m Attachments:b Chapters:b Tags:m',
  SeekHead: 'Seek:m',
  Seek: 'SeekID:b SeekPosition:u',
  Info: 'SegmentUUID:b TimestampScale:u Duration:f DateUTC:d Title:8 MuxingApp:8 WritingApp:8',
  Tracks: 'TrackEntry:m',
  TrackEntry:
    'TrackNumber:u TrackUID:u TrackType:u FlagEnabled:u FlagDefault:u FlagForced:u FlagLacing:u ' +
    'DefaultDuration:u Name:8 Language:s CodecID:s CodecPrivate:b CodecName:8 CodecDelay:u ' +
    'SeekPreRoll:u Video:m Audio:m ContentEncodings:b',
  Video: 'FlagInterlaced:u PixelWidth:u PixelHeight:u DisplayWidth:u DisplayHeight:u Colour:b',
  Audio: 'SamplingFrequency:f OutputSamplingFrequency:f Channels:u BitDepth:u',
  Cluster: 'Timestamp:u Position:u PrevSize:u SimpleBlock:b BlockGroup:m',
  BlockGroup:
    'Block:b BlockAdditions:b BlockDuration:u ReferencePriority:u ReferenceBlock:i DiscardPadding:i',
  Cues: 'CuePoint:m',
  CuePoint: 'CueTime:u CueTrackPositions:m',
  CueTrackPositions: 'CueTrack:u CueClusterPosition:u CueRelativePosition:u',
  Tags: 'Tag:m',
  Tag: 'Targets:m SimpleTag:m',
  Targets:
    'TargetTypeValue:u TargetType:s TagTrackUID:u TagEditionUID:u TagChapterUID:u TagAttachmentUID:u',
  SimpleTag: 'TagName:8 TagLanguage:s TagDefault:u TagString:8 TagBinary:b',
};

const TYPES: Readonly<Record<string, ElementType>> = {
  m: 'master',
  u: 'unsigned',
  i: 'signed',
  f: 'float',
  s: 'string',
  8: 'utf-8',
  d: 'date',
  b: 'binary',
};

/** Elements that may stand inside any other (RFC 8794 section 11.3). */
export const GLOBAL_ELEMENTS: ReadonlySet<number> = new Set([ElementId.Void, ElementId.CRC32]);

/** Elements whose size may be left open: RFC 9559 grants it to these two. */
export const UNKNOWN_SIZE_ELEMENTS: ReadonlySet<number> = new Set([
  ElementId.Segment,
  ElementId.Cluster,
]);

/** Every known element by id. */
export const ELEMENTS: ReadonlyMap<number, ElementDefinition> = new Map(
  Object.entries(TREE).flatMap(([parentName, children]) =>
    children.split(' ').map((child) => {
      const [name, type] = child.split(':') as [ElementName, string];
      const id: number = ElementId[name];
      const parent = parentName === 'root' ? undefined : ElementId[parentName as ElementName];
      return [id, { id, name, type: TYPES[type] ?? 'binary', parent }] as const;
    }),
  ),
);

/** The name of an element for messages: `Cluster`, or the id in hex when it is not known. */
export function elementName(id: number): string {
  return ELEMENTS.get(id)?.name ?? `element 0x${id.toString(16)}`;
}
