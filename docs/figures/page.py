"""Draw a digit on the page that `make page` made, and take its picture.

    python -m docs.figures.page [PAGE [PICTURE]]
"""
import pathlib
import sys

from page.browser import chromium

HERE = pathlib.Path(__file__).parent
# A 3, in shares of the board.
STROKE = ((0.29, 0.23), (0.44, 0.15), (0.6, 0.19), (0.63, 0.3), (0.55, 0.43),
          (0.42, 0.48), (0.57, 0.51), (0.67, 0.64), (0.61, 0.79), (0.45, 0.85),
          (0.27, 0.79))


def main(path='output/page.html', picture=HERE / 'page.png'):
    """Draw, wait for the numbers, save the picture."""
    with chromium() as browser:
        page = browser.new_page(viewport={'width': 1120, 'height': 760},
                                color_scheme='light')
        page.goto(pathlib.Path(path).resolve().as_uri())
        page.wait_for_selector('#samples canvas')
        box = page.locator('#board').bounding_box()
        points = [(box['x'] + x * box['width'], box['y'] + y * box['height'])
                  for x, y in STROKE]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point)
        page.mouse.up()
        page.wait_for_selector('#said:not(:empty)', state='attached')
        page.screenshot(path=str(picture))


if __name__ == '__main__':
    main(*sys.argv[1:])
