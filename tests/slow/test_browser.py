"""page/: the four autoencoders in one page, in a real browser."""
import base64
import os
import re

import numpy as np
import pytest
import tensorflow as tf
from playwright.sync_api import Error, expect
from tensorflow import keras

from lab import mnist
from launch import ROOT
from page import make
from page.browser import chromium

pytestmark = pytest.mark.program
# Small models, each with what the real ones have; of the sparse one's units
# some are dead.
SMALL = {
    '0-vanilla': (784, [16, 12], 32),
    '1-sparse': (784, [4], 32, 1e-5),
    '2-convolutional': ((28, 28, 1), [4, 3, 2], (4, 4, 2)),
    '3-variational': (784, [16], 2)}
# Ten digits as a person draws them: strokes in a box of 100.
STROKES = [
    [[(50, 0), (25, 8), (8, 30), (5, 55), (12, 80), (35, 100), (62, 96),
      (82, 72), (88, 45), (80, 18), (62, 3), (48, 0)]],
    [[(45, 100), (48, 65), (52, 30), (55, 0)]],
    [[(18, 22), (30, 6), (52, 0), (72, 10), (75, 28), (62, 50), (38, 75),
      (10, 98), (28, 92), (55, 93), (90, 98)]],
    [[(15, 12), (40, 0), (66, 6), (72, 22), (58, 40), (36, 47), (62, 52),
      (78, 70), (68, 91), (42, 100), (12, 92)]],
    [[(18, 5), (14, 30), (16, 48), (40, 52), (70, 46)],
     [(74, 2), (70, 46), (66, 100)]],
    [[(80, 2), (30, 4), (26, 40), (50, 38), (72, 52), (74, 76), (55, 96),
      (30, 100), (10, 90)]],
    [[(62, 0), (38, 22), (22, 52), (22, 80), (40, 98), (62, 92), (70, 74),
      (56, 58), (36, 64), (24, 82)]],
    [[(10, 8), (45, 8), (80, 5), (70, 30), (55, 60), (42, 100)]],
    [[(66, 12), (46, 0), (26, 14), (34, 36), (56, 54), (66, 78), (50, 99),
      (28, 88), (30, 66), (52, 44), (68, 22), (64, 8)]],
    [[(70, 20), (50, 4), (26, 14), (22, 36), (42, 48), (64, 36), (70, 16),
      (68, 55), (62, 100)]]]


@pytest.fixture(scope='module')
def models():
    """Return the halves of small models of random weights, by task."""
    keras.utils.set_random_seed(0)
    models = {task: __import__(task).autoencoder(*arguments)[:2]
              for task, arguments in SMALL.items()}
    random = np.random.default_rng(0)
    for halves in models.values():
        for half in halves:
            half.set_weights([
                as_stored(weights + random.normal(0, 0.1, weights.shape))
                for weights in half.get_weights()])
    return models


def as_stored(weights):
    """Return the weights as the page reads them."""
    stored = make.quantize(weights)
    ints = np.frombuffer(base64.b64decode(stored['ints']), '<i2')
    return (ints * stored['scale']).astype('float32').reshape(weights.shape)


@pytest.fixture(scope='module')
def address(models, tmp_path_factory):
    """Return the address of a page of the small models."""
    (learned, _), (images, labels) = mnist.load_data(limit=1000)
    path = tmp_path_factory.mktemp('page') / 'page.html'
    path.write_text(make.page(make.data_of(
        models, images, labels, learned, {'sparse': 7})), encoding='utf-8')
    return path.as_uri()


@pytest.fixture(scope='module')
def browser():
    """Return a running Chromium."""
    try:
        with chromium() as browser:
            yield browser
    except Error:
        if 'REQUIRE_BROWSER' in os.environ:
            raise
        pytest.skip('no browser: install chromium, or run `playwright install '
                    'chromium`')


@pytest.fixture
def visit(browser, address):
    """Return a function that opens the page; whatever goes wrong fails."""
    pages, wrong = [], []

    def open_page(width=1280, height=900, **settings):
        page = browser.new_page(
            viewport={'width': width, 'height': height}, **settings)
        pages.append(page)
        page.on('console', lambda message: wrong.append(message.text))
        page.on('pageerror', lambda error: wrong.append(str(error)))
        page.on('request', lambda request: wrong.append(request.url))
        page.goto(address)
        page.wait_for_selector('#samples canvas')       # drawn last
        return page

    yield open_page
    for page in pages:
        page.close()
    # A worker of the page's own code is not asked of anybody.
    assert [url for url in wrong if not url.startswith('blob:')] == [address]


def evaluate(halves, images):
    """Return codes, log variances or None, images and losses, by Keras."""
    encoder, decoder = halves
    images = np.reshape(images, (-1, *encoder.input_shape[1:]))
    codes, log_vars = encoder.predict(images, verbose=0), None
    if isinstance(codes, list):
        _, codes, log_vars = codes
    drawn = decoder.predict(codes, verbose=0).reshape((len(images), -1))
    losses = 784 * keras.losses.binary_crossentropy(
        images.reshape((len(images), -1)), drawn).numpy()
    return codes, log_vars, drawn, losses


def shows(page, selector, image):
    """Assert that a canvas shows an image, or begins with it at the left."""
    settled(page)
    ink = page.eval_on_selector(selector, '''canvas => {
        const pen = new OffscreenCanvas(28, 28).getContext("2d");
        pen.drawImage(canvas, 0, 0);
        return Array.from(pen.getImageData(0, 0, 28, 28).data.filter(
            (_, i) => i % 4 == 3)); }''')
    np.testing.assert_allclose(np.array(ink) / 255, np.ravel(image),
                               atol=0.6 / 255)


def settled(page):
    """Wait until what was asked for is drawn: two frames."""
    page.evaluate('''() => new Promise(done => requestAnimationFrame(
        () => requestAnimationFrame(done)))''')


def yours(page):
    """Return your digit, float32, (784,)."""
    settled(page)
    return np.array(page.evaluate('[...yours.image]'), 'float32')


def framed(page, drawings):
    """Return the page's images of drawings, lists of strokes in a box of 1."""
    return np.array(page.evaluate(
        'all => all.map(strokes => [...frame(strokes)])', drawings))


def test_page_computes_what_keras_does(visit, models):
    """Codes, images and losses of 100 test digits, ten of each class."""
    page = visit()
    images = np.array(page.evaluate('digits.map(digit => [...digit])'),
                      'float32')
    _, (x_test, y_test) = mnist.load_data()
    first = np.stack([x_test[y_test == label][:10] for label in range(10)],
                     axis=1)
    np.testing.assert_array_equal(np.rint(images * 255), first.reshape(
        (100, 784)))
    page.click('#others')
    page.locator('#digits button').nth(3).click()
    np.testing.assert_array_equal(yours(page), images[13])
    for task, halves in models.items():
        computed = page.evaluate('''name => digits.map(digit => {
            const result = evaluate(models[name], digit);
            return [[...result.code], [...result.logVar ?? []],
                    [...result.image], result.loss, result.kl];
        })''', task[2:])
        code, log_var, drawn, loss, kl = map(np.array, zip(*computed))
        codes, log_vars, drawings, losses = evaluate(halves, images)
        np.testing.assert_allclose(code, codes.reshape(code.shape), atol=1e-5)
        np.testing.assert_allclose(drawn, drawings, atol=1e-5)
        np.testing.assert_allclose(loss, losses, rtol=1e-5)
        if log_vars is not None:
            np.testing.assert_allclose(log_var, log_vars, atol=1e-5)
            np.testing.assert_allclose(kl, 0.5 * np.sum(
                np.exp(log_vars) + codes**2 - 1 - log_vars, axis=1), rtol=1e-4)


def test_digits_drawn_by_hand_are_like_mnist(visit):
    """In each size, at each place: as near to their class as test digits."""
    places = (0.05, 0.05, 0.9), (0.6, 0.1, 0.35), (0.1, 0.55, 0.4)
    drawn = framed(visit(), [
        [[(left + side * x / 100, top + side * y / 100) for x, y in stroke]
         for stroke in strokes]
        for strokes in STROKES for left, top, side in places])
    (x_train, y_train), (x_test, _) = mnist.load_data()
    x_train = mnist.scale(x_train).reshape((-1, 784))
    images = np.concatenate([drawn, mnist.scale(x_test[:300]).reshape(
        (-1, 784))]).astype('float32')
    squares = (np.sum(x_train**2, axis=1) - 2 * images @ x_train.T +
               np.sum(images**2, axis=1, keepdims=True))
    distances = np.sqrt(squares.min(axis=1))
    np.testing.assert_array_equal(y_train[squares.argmin(axis=1)][:30],
                                  np.repeat(range(10), 3))
    assert distances[:30].max() < np.quantile(distances[30:], 0.95)
    assert drawn.mean() == pytest.approx(images[30:].mean(), rel=0.1)
    drawn = drawn.reshape((-1, 28, 28))
    for axis in (1, 2):         # MNIST's frame: the centre, and 20 pixels
        mass = drawn.sum(axis=3 - axis)
        np.testing.assert_allclose(
            mass @ np.arange(28) / mass.sum(axis=1), 14, atol=0.2)
    used = [np.ptp(np.argwhere(one > 0.3), axis=0).max() + 1 for one in drawn]
    assert min(used) >= 19 and max(used) <= 21


@pytest.mark.parametrize('by, strokes', [
    ('finger', [[(0.4, 0.9), (0.5, 0.3), (0.6, 0.1)]]),
    ('keys', [[(0.5, 0.275), (0.5, 0.725)], [(0.25, 0.725)]])])
def test_draw(visit, models, by, strokes):
    """By finger and keys; the page does not scroll meanwhile."""
    page = visit(390, 500, has_touch=True)
    board = page.locator('#board')
    board.scroll_into_view_if_needed()
    scrolled, box = page.evaluate('scrollY'), board.bounding_box()
    if by == 'finger':
        press, clear, undo = page.click, '#clear', '#undo'
        finger = page.context.new_cdp_session(page)
        touches = [[{'x': box['x'] + x * box['width'],
                     'y': box['y'] + y * box['height']}]
                   for x, y in strokes[0]]
        for kind, points in zip(['touchStart', 'touchMove', 'touchMove',
                                 'touchEnd'], [*touches, []]):
            finger.send('Input.dispatchTouchEvent',
                        {'type': kind, 'touchPoints': points})
    else:
        press, clear, undo = board.press, 'Escape', 'Backspace'
        board.focus()
        for key in [*['ArrowUp'] * 9, ' ', *['ArrowDown'] * 18, ' ',
                    *['ArrowLeft'] * 10, ' ', 'Tab']:   # which ends a stroke
            page.keyboard.press(key)
    image = yours(page)
    np.testing.assert_allclose(image, framed(page, [strokes])[0], atol=0.2)
    assert page.evaluate('scrollY') == scrolled
    shows(page, '#seen', image)
    for task, halves in models.items():
        *_, drawn, losses = evaluate(halves, image)
        card = f'#card-{task[2:]}'
        shows(page, f'{card} canvas', drawn)
        assert page.inner_text(f'{card} .loss').startswith(
            f'{losses[0]:.1f} ')
    assert 'vanilla' in page.inner_text('#said')
    shows(page, '#steps canvas', image)     # the other sections go on from it
    press(clear)
    assert not yours(page).any()
    press(undo)
    np.testing.assert_array_equal(yours(page), image)
    press(undo)
    assert page.evaluate('board.strokes.length') == len(strokes) - 1


def test_draw_by_mouse(visit):
    """A stroke shows while it runs, outside on the edge; undo brings it back.
    """
    page = visit()
    box = page.locator('#board').bounding_box()
    page.mouse.move(box['x'] + 50, box['y'] + 50)
    page.mouse.down()
    page.mouse.move(box['x'] + 100, box['y'] + 100)
    half = yours(page)
    page.mouse.move(box['x'] - 40, box['y'] + 200)
    assert np.abs(yours(page) - half).max() > 0.5
    page.mouse.up()
    shows(page, '#steps canvas', yours(page))
    strokes = page.evaluate('board.strokes')
    assert len(strokes) == 1 and np.min(strokes) == 0
    page.locator('#digits button').first.click()
    for left in [], strokes, []:
        assert page.evaluate('board.strokes') == left
        page.click('#undo')


@pytest.mark.parametrize('width', [320, 1280])
def test_turn_a_unit(visit, models, width):
    """By pointer and by keys, in one row or in more; a dead unit stays."""
    page = visit(width)
    page.check('[value=sparse]')
    _, decoder = models['1-sparse']
    _, (x_test, _) = mnist.load_data(limit=1000)
    largest = evaluate(models['1-sparse'], mnist.scale(x_test))[0].max(axis=0)
    codes = evaluate(models['1-sparse'], yours(page))[0]
    number = 16 + np.argmax(largest[16:])   # of 32: not in the first row
    unit = page.locator('#units input').nth(number)
    unit.scroll_into_view_if_needed()
    box = unit.bounding_box()
    middle = box['x'] + box['width'] / 2
    page.mouse.move(middle, box['y'] + box['height'] * 0.9)
    page.mouse.down()
    page.mouse.move(middle, box['y'] + box['height'] * 0.25)
    page.mouse.up()
    turned = float(unit.input_value())
    assert turned == pytest.approx(0.75 * largest[number], rel=0.05)
    page.keyboard.press('PageDown')
    codes[0, number] = unit.input_value()
    assert codes[0, number] < turned
    shows(page, '#turned', decoder.predict(codes, verbose=0))
    page.click('#no-code')
    shows(page, '#turned', decoder.predict(0 * codes, verbose=0))
    assert largest.min() == 0 and page.locator('#units input').nth(
        np.argmin(largest)).is_disabled()


def test_walk_in_the_plane(visit, models):
    """The pointer's place is decoded; keys move it; yours is the ellipse."""
    page = visit()
    encoder, decoder = models['3-variational']
    plane = page.locator('#plane')
    plane.scroll_into_view_if_needed()
    plane.focus()
    scrolled, reach = page.evaluate('[scrollY, reach]')
    box, ellipse = (page.locator(name).bounding_box()
                    for name in ('#plane', '#yours'))
    page.mouse.move(box['x'] + box['width'] * 0.75,
                    box['y'] + box['height'] * 0.375)
    page.keyboard.press('ArrowDown')
    page.keyboard.press('ArrowDown')
    z = np.array(page.evaluate('here'))
    np.testing.assert_allclose(z, [0.5 * reach, 0.2 * reach],
                               atol=0.01 * reach)
    shows(page, '#walked', decoder.predict(z[None], verbose=0))
    assert page.evaluate('scrollY') == scrolled
    _, mean, _ = encoder.predict(yours(page)[None], verbose=0)
    place = [ellipse['x'] + ellipse['width'] / 2 - box['x'],
             box['y'] + box['height'] - ellipse['y'] - ellipse['height'] / 2]
    np.testing.assert_allclose(
        (2 * np.array(place) / box['width'] - 1) * reach, mean[0],
        atol=0.01 * reach)
    page.check('#everywhere-too')           # of 21 by 21, the first
    shows(page, '#everywhere', decoder.predict(
        np.array([[-20 / 21 * reach, 20 / 21 * reach]]), verbose=0))


def test_steps_and_samples(visit, models):
    """Steps begin at your digit and end at the other; samples are new."""
    page = visit()
    page.locator('#goals button').nth(3).click()
    ends = np.array(page.evaluate('[[...digits[7]], [...digits[3]]]'))
    rows = [ends, *(evaluate(halves, ends)[2] for halves in models.values())]
    assert page.locator('#steps .strip').count() == len(rows)
    for row, images in enumerate(rows, 1):
        for cell, image in zip((1, 9), images):
            shows(page, f'#steps .strip:nth-child({row}) '
                        f'canvas:nth-child({cell})', image)
    sample = '#samples canvas', 'canvas => canvas.toDataURL()'
    before = page.eval_on_selector(*sample)
    page.click('#again')
    assert page.eval_on_selector(*sample) != before


@pytest.mark.parametrize('width, ink, settings', [
    (390, 'none', {'color_scheme': 'light'}),
    (1280, 'invert(1)', {'color_scheme': 'dark'}),
    (1280, 'invert(1)', {'color_scheme': 'dark', 'forced_colors': 'active'})])
def test_look(visit, width, ink, settings):
    """Four answers on the first screen, nothing wider; each with its colours.
    """
    page = visit(width, 844, **settings)
    assert page.evaluate('document.documentElement.scrollWidth') <= width
    bottoms = page.eval_on_selector_all('.bar', """all => all.map(
        bar => bar.getBoundingClientRect().bottom)""")
    assert len(bottoms) == 4 and max(bottoms) <= 844
    sides = page.eval_on_selector_all('button, #units input', """all =>
        all.map(({offsetWidth: a, offsetHeight: b}) => Math.min(a, b))""")
    assert min(sides) >= 24                 # for a finger
    names = page.eval_on_selector_all(
        '[role=img]', 'all => all.map(({ariaLabel}) => ariaLabel)')
    assert all(names) and 'pixels: 9 digits' in names
    assert ', 7 epochs' in page.inner_text('#card-sparse h3')
    assert page.eval_on_selector(
        '#seen', 'canvas => getComputedStyle(canvas).filter') == ink
    colors = page.evaluate("""() => ['#board', '.bar', '.own'].map(
        name => getComputedStyle(document.querySelector(name))
            .backgroundColor)""")
    assert len(set(colors)) == 3 and 'rgb(0, 0, 0)' not in colors


def test_nothing_is_asked_for(browser, address):
    """The page's own policy forbids it, even what no network is needed for."""
    page = browser.new_page()
    page.goto(address)
    with pytest.raises(Error, match='Failed to fetch'):
        page.evaluate("fetch('data:,')")
    page.close()


def test_before_its_script_has_run(browser, address):
    """It says so, and no control takes what would be forgotten."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(address)
    assert 'JavaScript' in page.inner_text('noscript')
    assert 'loading' in page.inner_text('#hint')
    box = page.locator('[value=sparse]').bounding_box()
    page.mouse.click(box['x'] + 5, box['y'] + 5)
    page.keyboard.press('Tab')
    assert page.locator('[value=vanilla]').is_checked()
    assert page.locator('main :focus').count() == 0
    page.close()


def test_gradients_and_steps_of_what_learns(browser):
    """They are those of Keras and of its Adam, for a small model."""
    keras.utils.set_random_seed(0)
    encoder, decoder, _ = __import__('3-variational').autoencoder(20, [6], 2)
    weights = encoder.trainable_variables + decoder.trainable_variables
    random = np.random.default_rng(0)
    for weight in weights:
        weight.assign(weight + random.normal(0, 0.3, weight.shape))
    given = [weight.numpy().ravel().tolist() for weight in weights]
    x = random.random((8, 20), 'float32')
    noise, beta = random.normal(size=(8, 2)).astype('float32'), 5
    adam, wanted = keras.optimizers.Adam(0.004), []
    for _ in range(3):
        with tf.GradientTape() as tape:
            _, mean, log_var = encoder(x)
            drawn = decoder(mean + tf.exp(log_var / 2) * noise)
            kl = tf.reduce_sum(
                tf.exp(log_var) + mean**2 - 1 - log_var, axis=1) / 2
            loss = tf.reduce_mean(beta * kl + 20 * (
                keras.losses.binary_crossentropy(x, drawn)))
        gradients = tape.gradient(loss, weights)
        adam.apply_gradients(zip(gradients, weights))
        wanted.append(np.concatenate([
            np.ravel(a) for a in (*gradients, *weights)]))
    page = browser.new_page()
    page.add_script_tag(path=ROOT / 'page' / 'learn.js')
    got = page.evaluate("""([given, x, noise, beta]) => {
        const small = new Vae(20, 6, 2), steps = [];
        const parts = ['hidden', 'mean', 'logVar', 'unfold', 'drawn'].flatMap(
            name => small[name].parts);
        parts.forEach(({values}, i) => values.set(given[i]));
        for (let step = 0; step < 3; step++) {
            x.forEach((image, i) => small.add(image, noise[i], beta));
            const slopes = parts.flatMap(({gradient}) =>
                Array.from(gradient, value => value / x.length));
            small.update(x.length, 0.004);
            steps.push([...slopes,
                        ...parts.flatMap(({values}) => [...values])]);
        }
        return steps;
    }""", [given, x.tolist(), noise.tolist(), beta])
    page.close()
    np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)


def test_watch_one_learn(visit):
    """It learns while it is told to, no faster than the page can draw."""
    page = visit()

    def loss_at(step):
        """Wait until a step's loss is told, and return it."""
        at = page.locator('#learn-at')
        expect(at).to_have_text(re.compile(f'^step {step}:'), timeout=120000)
        return float(re.search(r'([\d.]+) nats', at.inner_text())[1])

    page.check('[name=beta][value="5"]')
    page.evaluate("""() => {                // a slow page: it draws later
        window.later = [];
        requestAnimationFrame = draw => later.push(draw); }""")
    page.click('#learn-run')
    assert loss_at(0) == pytest.approx(784 * np.log(2), rel=0.02)
    worker, = page.workers
    _, (x_test, _) = mnist.load_data(limit=1)
    np.testing.assert_allclose(             # 4 bits a pixel
        worker.evaluate('[...state.held[0]]'), mnist.scale(x_test).ravel(),
        atol=0.51 / 15)
    while worker.evaluate('vae.step') < 100:
        pass
    assert worker.evaluate('state.beta') == 5
    assert loss_at(0)
    page.evaluate('later.forEach(draw => draw())')
    assert loss_at(r'\d{3,}') < 300
    assert page.locator('#learn-drawn canvas').count() == 18
    assert page.eval_on_selector('#learn-plane', """canvas => new Set(
        new Uint32Array(canvas.getContext('2d').getImageData(
            0, 0, 520, 520).data.buffer)).size""") > 1000   # of colours
    assert page.inner_text('#learn-run') == 'Pause'
    page.click('#learn-run')
    page.click('#learn-again')              # paused, it is as it was made
    assert loss_at(0) == pytest.approx(784 * np.log(2), rel=0.02)
    assert not worker.evaluate('state.running')
