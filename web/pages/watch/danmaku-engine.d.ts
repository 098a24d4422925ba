// The part of the `danmaku` package that is used: its types describe the whole package only, not the bundle
// with the canvas engine alone, nor what has to be trimmed.
declare module 'danmaku/dist/esm/danmaku.canvas.js' {
  export interface CanvasComment {
    readonly text: string;
    readonly mode: 'rtl' | 'top' | 'bottom';
    readonly style: {
      readonly font: string;
      readonly fillStyle: string;
      readonly strokeStyle: string;
      readonly lineWidth: number;
    };
  }

  export default class Danmaku {
    constructor(options: { readonly container: HTMLElement; readonly speed: number });
    /** Pixels a second. */
    speed: number;
    readonly comments: CanvasComment[];
    readonly _: { position: number };
    emit(comment: CanvasComment): this;
    show(): this;
    hide(): this;
    clear(): this;
    resize(): this;
    destroy(): this;
  }
}
