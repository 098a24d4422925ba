// The text of a multivariant playlist (RFC 8216 section 4.3.4). Pure: renditions in, text out.

const VERSION = 6;

interface RenditionLine {
  /** Name of the rendition and of its folder. */
  readonly id: string;
  readonly codecString: string;
  /** Peak segment bit rate, bits per second. */
  readonly peakBps: number;
  readonly averageBps: number;
}

export interface VideoLine extends RenditionLine {
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when not known. */
  readonly frameRate: number;
}

export interface AudioLine extends RenditionLine {
  readonly channels: number;
}

/** What a multivariant playlist lists. Audio renditions of one codec form a group. */
export interface MultivariantPlaylist {
  readonly videos: readonly VideoLine[];
  readonly audios: readonly AudioLine[];
}

/**
 * A multivariant playlist: each video with each audio group, cheapest first. Without video, each audio
 * rendition is a variant of its own; without audio, variants have none.
 */
export function buildMultivariantPlaylist({ videos, audios }: MultivariantPlaylist): string {
  const lines = ['#EXTM3U', `#EXT-X-VERSION:${VERSION}`];
  if (videos.length === 0) {
    for (const audio of audios.toSorted(byBandwidth)) lines.push(...streamLines({ audios: [audio] }));
    return `${lines.join('\n')}\n`;
  }
  const groups = groupByCodec(audios);
  for (const group of groups) lines.push(...mediaLines(group));
  for (const video of videos.toSorted(byBandwidth)) {
    const withAudio = groups.length > 0 ? groups : [[]];
    for (const group of withAudio) lines.push(...streamLines({ video, audios: group }));
  }
  return `${lines.join('\n')}\n`;
}

function byBandwidth(a: RenditionLine, b: RenditionLine): number {
  return a.peakBps - b.peakBps;
}

function groupByCodec(audios: readonly AudioLine[]): AudioLine[][] {
  const codecs = [...new Set(audios.map((audio) => audio.codecString))];
  return codecs.map((codec) => audios.filter((audio) => audio.codecString === codec));
}

function groupId(group: readonly AudioLine[]): string {
  return `audio-${group[0]?.codecString.split('.')[0]}`;
}

function mediaLines(group: readonly AudioLine[]): string[] {
  return group.map((audio, index) => {
    const attributes = [
      'TYPE=AUDIO',
      `GROUP-ID="${groupId(group)}"`,
      `NAME="${audio.id}"`,
      `DEFAULT=${index === 0 ? 'YES' : 'NO'}`,
      'AUTOSELECT=YES',
      `CHANNELS="${audio.channels}"`,
      `URI="${audio.id}/index.m3u8"`,
    ];
    return `#EXT-X-MEDIA:${attributes.join(',')}`;
  });
}

interface Variant {
  readonly video?: VideoLine;
  readonly audios: readonly AudioLine[];
}

function streamLines({ video, audios }: Variant): string[] {
  // Of a group only one is played at a time: the dearest counts (RFC 8216 section 4.3.4.2).
  const audioPeakBps = Math.max(0, ...audios.map((audio) => audio.peakBps));
  const audioAverageBps = Math.max(0, ...audios.map((audio) => audio.averageBps));
  const codecs = [video?.codecString, audios[0]?.codecString].filter((codec) => codec !== undefined);
  const attributes = [
    `BANDWIDTH=${(video?.peakBps ?? 0) + audioPeakBps}`,
    `AVERAGE-BANDWIDTH=${(video?.averageBps ?? 0) + audioAverageBps}`,
    `CODECS="${codecs.join(',')}"`,
  ];
  if (video) {
    attributes.push(`RESOLUTION=${video.width}x${video.height}`);
    if (video.frameRate > 0) attributes.push(`FRAME-RATE=${video.frameRate.toFixed(3)}`);
    if (audios.length > 0) attributes.push(`AUDIO="${groupId(audios)}"`);
  }
  const id = video?.id ?? audios[0]?.id;
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, `${id}/index.m3u8`];
}
