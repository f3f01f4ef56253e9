#!/usr/bin/env python3
"""Time the page: from a move of the pointer to the digits that it changes.

    make page && .venv/bin/python benchmarks/page.py

Prints a row for the processor as it is and one for it slowed 6 times.
"""
import pathlib
import shutil
import statistics
import sys

from playwright.sync_api import sync_playwright

MOVES = 200
# After a move the page draws in the next frame: the time is taken when that
# frame is done and its turn of the event loop is over.
WATCH = '''
window.times = [];
addEventListener('pointermove', event => requestAnimationFrame(() => {
  const {port1, port2} = new MessageChannel();
  port1.onmessage = () => times.push(performance.now() - event.timeStamp);
  port2.postMessage(0);
}), true);
'''


def main(path='output/page.html'):
    """Draw one long stroke of MOVES moves; print what they took."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which('chromium') or
            shutil.which('google-chrome'))
        print('| processor | median, ms | worst, ms |\n| --- | --- | --- |')
        for slower in (1, 6):
            page = browser.new_page()
            page.add_init_script(WATCH)
            page.goto(pathlib.Path(path).resolve().as_uri())
            page.wait_for_selector('#samples canvas')
            page.context.new_cdp_session(page).send(
                'Emulation.setCPUThrottlingRate', {'rate': slower})
            box = page.locator('#board').bounding_box()
            page.mouse.move(box['x'] + 40, box['y'] + 40)
            page.mouse.down()
            page.evaluate('times.length = 0')
            for i in range(1, MOVES + 1):
                across, down = i % 20, i // 20
                page.mouse.move(box['x'] + 40 + 9 * across,
                                box['y'] + 40 + 20 * down)
            page.mouse.up()
            page.wait_for_function('times.length > 0')
            times = page.evaluate('times')
            print(f'| {slower} times slower | {statistics.median(times):.1f} '
                  f'| {max(times):.1f} | ({len(times)} moves)')
            page.close()
        browser.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
