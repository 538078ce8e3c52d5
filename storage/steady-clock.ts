/**
 * `now` without steps back: where the system's clock is set back, time goes on from where it was. What is kept until a moment is
 * then never kept for longer than was meant.
 */
export function steadyClock(now: () => number): () => number {
  let last = now();
  let behind = 0;
  return () => {
    const time = now() + behind;
    if (time < last) behind += last - time;
    else last = time;
    return last;
  };
}
