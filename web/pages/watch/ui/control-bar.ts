// The controls under the picture: play, sound, danmaku, full screen. Quality and transport are in the settings.
import { type Player, startPlayback } from '../../../sdk/index.ts';
import type { DanmakuOverlay } from '../danmaku-overlay.ts';
import { loadPreferences, savePreferences } from '../preferences.ts';
import { requireElement, setIcon } from './element.ts';

export interface ControlBarOptions {
  readonly player: Player;
  readonly video: HTMLVideoElement;
  readonly overlay: DanmakuOverlay;
}

/** What the controls do, for the keyboard. */
export interface Controls {
  togglePlay(): void;
  toggleMute(): void;
  toggleDanmaku(): void;
  toggleFullscreen(): void;
}

/** Wires the bar. */
export function createControlBar(options: ControlBarOptions): Controls {
  const controls: Controls = {
    togglePlay: createPlayButton(options),
    toggleMute: createSoundControls(options.video),
    toggleDanmaku: createDanmakuToggle(options.overlay),
    toggleFullscreen: createFullscreenButton(options.video),
  };
  revealWhileUsed(requireElement('stage', HTMLElement));
  return controls;
}

function createPlayButton({ player, video }: ControlBarOptions): () => void {
  const button = requireElement('play', HTMLButtonElement);
  const show = () => {
    setIcon(button, video.paused ? 'i-play' : 'i-pause');
    button.setAttribute('aria-label', video.paused ? 'Play' : 'Pause');
  };
  const toggle = () => {
    if (video.paused) player.resume();
    else video.pause();
  };
  button.addEventListener('click', toggle);
  video.addEventListener('play', show);
  video.addEventListener('pause', show);
  return toggle;
}

function createSoundControls(video: HTMLVideoElement): () => void {
  const button = requireElement('mute', HTMLButtonElement);
  const unmute = requireElement('unmute', HTMLButtonElement);
  const volume = requireElement('volume', HTMLInputElement);
  video.volume = loadPreferences().volume;
  volume.value = String(video.volume);
  const show = () => {
    const silent = video.muted || video.volume === 0;
    setIcon(button, silent ? 'i-muted' : 'i-sound');
    button.setAttribute('aria-label', silent ? 'Unmute' : 'Mute');
    // Only the browser mutes before the first press; afterwards silence is the viewer's wish.
    unmute.hidden = !video.muted || video.paused || pressed;
  };
  let pressed = false;
  const toggle = () => {
    pressed = true;
    video.muted = !video.muted;
    if (!video.muted) void startPlayback(video);
  };
  button.addEventListener('click', toggle);
  unmute.addEventListener('click', toggle);
  volume.addEventListener('input', () => {
    pressed = true;
    video.volume = volume.valueAsNumber;
    video.muted = video.volume === 0;
    savePreferences({ volume: video.volume });
  });
  for (const event of ['volumechange', 'playing', 'pause']) video.addEventListener(event, show);
  show();
  return toggle;
}

function createDanmakuToggle(overlay: DanmakuOverlay): () => void {
  const button = requireElement('danmaku-toggle', HTMLButtonElement);
  const opacity = requireElement('opacity', HTMLInputElement);
  const show = (shown: boolean) => {
    overlay.setShown(shown);
    button.setAttribute('aria-pressed', String(shown));
  };
  const toggle = () => {
    show(!overlay.shown);
    savePreferences({ danmaku: overlay.shown });
  };
  const kept = loadPreferences();
  show(kept.danmaku);
  overlay.setOpacity(kept.opacity);
  opacity.value = String(kept.opacity);
  button.addEventListener('click', toggle);
  opacity.addEventListener('input', () => {
    overlay.setOpacity(opacity.valueAsNumber);
    savePreferences({ opacity: opacity.valueAsNumber });
  });
  return toggle;
}

function createFullscreenButton(video: HTMLVideoElement): () => void {
  const button = requireElement('fullscreen', HTMLButtonElement);
  const player = requireElement('player', HTMLElement);
  const toggle = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (player.requestFullscreen) void player.requestFullscreen().catch(() => undefined);
    // An iPhone shows only the bare video in full screen.
    else (video as { webkitEnterFullscreen?: () => void }).webkitEnterFullscreen?.();
  };
  button.addEventListener('click', toggle);
  return toggle;
}

const IDLE_MS = 3000;

/** Shows the bar while the pointer moves or a control has the focus, as `data-active` on the stage. */
function revealWhileUsed(stage: HTMLElement): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rest = () => {
    const busy = stage.querySelector('.bar :focus-visible, .panel:not([hidden])');
    if (busy) timer = setTimeout(rest, IDLE_MS);
    else delete stage.dataset['active'];
  };
  const reveal = () => {
    stage.dataset['active'] = '';
    clearTimeout(timer);
    timer = setTimeout(rest, IDLE_MS);
  };
  for (const event of ['pointermove', 'pointerdown', 'focusin']) stage.addEventListener(event, reveal);
  reveal();
}
