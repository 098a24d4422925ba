// Settings of what happens to a stream: continuity, the ladder, ffmpeg, HLS. No defaults elsewhere.
import { z } from 'zod';

export const streamSection = z
  .strictObject({
    graceMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(30_000)
      .describe('Time a publisher has to come back before its stream ends, ms; viewers stay meanwhile.'),
    takeover: z
      .boolean()
      .default(false)
      .describe(
        'Whether a second publisher with the same key replaces the first one instead of being refused.',
      ),
  })
  .prefault({})
  .describe('A stream from its publisher on.');

const rung = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  height: z.int().min(64).max(4320),
  videoKbps: z.int().min(50).max(100_000),
  maxFrameRate: z.int().min(1).max(120).default(60),
});

export const ladderSection = z
  .strictObject({
    rungs: z
      .array(rung)
      .max(8)
      .default([
        { name: '1080p', height: 1080, videoKbps: 4500, maxFrameRate: 60 },
        { name: '720p', height: 720, videoKbps: 2500, maxFrameRate: 60 },
        { name: '480p', height: 480, videoKbps: 1200, maxFrameRate: 30 },
        { name: '360p', height: 360, videoKbps: 600, maxFrameRate: 30 },
      ])
      .describe(
        'Encoded rungs; those taller than the source are left out. Heights in pixels, rates in kbit/s.',
      ),
    passthrough: z
      .enum(['auto', 'never'])
      .default('auto')
      .describe(
        'Whether a source without B-frames and with a short GOP is handed on as the top rung unencoded.',
      ),
    preset: z
      .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'])
      .default('veryfast')
      .describe('x264 preset: slower looks better for the same bits and takes more CPU.'),
    audioKbps: z.int().min(16).max(512).default(128).describe('Bit rate of AAC and of Opus each, kbit/s.'),
    opus: z
      .enum(['auto', 'never'])
      .default('auto')
      .describe(
        'Whether sound is encoded to Opus for WebRTC; never saves that work where viewers only use HLS, and leaves WebRTC viewers of AAC sources without sound.',
      ),
    maxCores: z
      .number()
      .min(0)
      .max(1024)
      .default(0)
      .describe(
        'Cores all ladders together may use; 0 takes what the machine has. A ladder that does not fit shrinks.',
      ),
  })
  .prefault({})
  .describe('The H.264 ladder every stream is encoded into.');

export const transcoderSection = z
  .strictObject({
    ffmpegPath: z.string().min(1).default('ffmpeg').describe('ffmpeg program, a path or a name on PATH.'),
    ffprobePath: z.string().min(1).default('ffprobe').describe('ffprobe program, a path or a name on PATH.'),
    stallTimeoutMs: z
      .int()
      .min(500)
      .max(60_000)
      .default(2000)
      .describe('Time without output, while input flows, after which ffmpeg is restarted, ms.'),
    restartMinMs: z
      .int()
      .min(0)
      .max(60_000)
      .default(100)
      .describe('Wait before the first restart, ms; doubles.'),
    restartMaxMs: z.int().min(100).max(600_000).default(5000).describe('Longest wait before a restart, ms.'),
  })
  .prefault({})
  .describe('The ffmpeg of each stream.');

export const hlsSection = z
  .strictObject({
    segmentMs: z.int().min(1000).max(10_000).default(2000).describe('Length of a segment, ms.'),
    partMs: z.int().min(100).max(2000).default(200).describe('Length of a part, ms.'),
    windowSegments: z
      .int()
      .min(3)
      .max(1000)
      .default(8)
      .describe('Segments listed in a playlist and kept in memory.'),
  })
  .prefault({})
  .describe('HLS output.');
