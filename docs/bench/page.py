"""Time the page: from a move of the pointer to the digits that it changes.

    make page && python -m docs.bench.page [PAGE]

Prints a row for the processor as it is and one for it slowed 6 times.
"""
import pathlib
import statistics
import sys

from page.browser import chromium

MOVES = 100
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
    print('| processor | moves | median, ms | worst, ms |\n'
          '| --- | --- | --- | --- |')
    with chromium() as browser:
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
            for i in range(MOVES):
                page.mouse.move(box['x'] + 40 + 9 * (i % 20),
                                box['y'] + 40 + 20 * (i // 20))
            times = page.evaluate('() => new Promise(done => setTimeout('
                                  'done, 1000, times))')
            print(f'| {slower} times slower | {len(times)} | '
                  f'{statistics.median(times):.1f} | {max(times):.1f} |')
            page.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
