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

# Small models, each with what the real ones have.
SMALL = {
    '0-vanilla': (784, [16, 12], 8),
    '1-sparse': (784, [16], 8, 1e-5),
    '2-convolutional': ((28, 28, 1), [4, 3, 2], (4, 4, 2)),
    '3-variational': (784, [16], 2)}
# Ten digits as a person draws them: strokes in a box of 100.
STROKES = {
    0: [[(50, 0), (25, 8), (8, 30), (5, 55), (12, 80), (35, 100), (62, 96),
         (82, 72), (88, 45), (80, 18), (62, 3), (48, 0)]],
    1: [[(45, 100), (48, 65), (52, 30), (55, 0)]],
    2: [[(18, 22), (30, 6), (52, 0), (72, 10), (75, 28), (62, 50), (38, 75),
         (10, 98), (28, 92), (55, 93), (90, 98)]],
    3: [[(15, 12), (40, 0), (66, 6), (72, 22), (58, 40), (36, 47), (62, 52),
         (78, 70), (68, 91), (42, 100), (12, 92)]],
    4: [[(18, 5), (14, 30), (16, 48), (40, 52), (70, 46)],
        [(74, 2), (70, 46), (66, 100)]],
    5: [[(80, 2), (30, 4), (26, 40), (50, 38), (72, 52), (74, 76), (55, 96),
         (30, 100), (10, 90)]],
    6: [[(62, 0), (38, 22), (22, 52), (22, 80), (40, 98), (62, 92), (70, 74),
         (56, 58), (36, 64), (24, 82)]],
    7: [[(10, 8), (45, 8), (80, 5), (70, 30), (55, 60), (42, 100)]],
    8: [[(66, 12), (46, 0), (26, 14), (34, 36), (56, 54), (66, 78), (50, 99),
         (28, 88), (30, 66), (52, 44), (68, 22), (64, 8)]],
    9: [[(70, 20), (50, 4), (26, 14), (22, 36), (42, 48), (64, 36), (70, 16),
         (68, 55), (62, 100)]]}


def build_small():
    """Return the halves of small models of random weights, by task."""
    keras.utils.set_random_seed(0)
    models = {task: __import__(task).autoencoder(*arguments)[:2]
              for task, arguments in SMALL.items()}
    random = np.random.default_rng(0)
    for halves in models.values():
        for half in halves:
            half.set_weights([weights + random.normal(0, 0.1, weights.shape)
                              for weights in half.get_weights()])
    code = models['0-vanilla'][0].layers[-1]
    code.bias.assign([-99] + code.bias.numpy()[1:].tolist())    # a dead unit
    return models


@pytest.fixture(scope='module')
def models(folder):
    """Return the small models, with the weights that the page has."""
    models = build_small()
    (learned, _), (images, labels) = mnist.load_data(limit=1000)
    (folder / 'page.html').write_text(make.page(make.data_of(
        models, images, labels, learned, {'sparse': 7})), encoding='utf-8')
    for halves in models.values():
        for half in halves:
            for layer in half.layers:
                layer.set_weights([dequantize(weights)
                                   for weights in layer.get_weights()])
    return models


def dequantize(weights):
    """Return the weights as the page reads them."""
    stored = make.quantize(weights)
    ints = np.frombuffer(base64.b64decode(stored['ints']), '<i2')
    return (ints * stored['scale']).astype('float32').reshape(weights.shape)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Return the folder of the page."""
    return tmp_path_factory.mktemp('page')


@pytest.fixture(scope='module')
def browser():
    """Return a running Chromium."""
    try:
        with chromium() as browser:
            yield browser
    except Error as error:
        if 'REQUIRE_BROWSER' in os.environ:
            raise
        pytest.skip('no browser: install chromium, or run `playwright install '
                    f'chromium` ({str(error).splitlines()[0]})')


@pytest.fixture
def visit(browser, models, folder):
    """Return a function that opens the page; whatever goes wrong fails."""
    contexts, wrong, address = [], [], (folder / 'page.html').as_uri()

    def open_page(width=1280, height=900, **settings):
        contexts.append(browser.new_context(
            viewport={'width': width, 'height': height}, **settings))
        page = contexts[-1].new_page()
        page.on('console', lambda message: wrong.append(message.text))
        page.on('pageerror', lambda error: wrong.append(str(error)))
        page.on('request', lambda request: wrong.append(request.url))
        page.goto(address)
        page.wait_for_selector('#samples canvas')       # drawn last
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A worker of the page's own code is not asked of anybody.
    assert [url for url in wrong if not url.startswith('blob:')] == [
        address] * len(contexts)


def evaluate(halves, images):
    """Return codes, log variances or None, images and losses, by Keras."""
    encoder, decoder = halves
    images = images.reshape((-1, *encoder.input_shape[1:]))
    codes, log_vars = encoder.predict(images, verbose=0), None
    if isinstance(codes, list):
        _, codes, log_vars = codes
    drawn = decoder.predict(codes, verbose=0).reshape((len(images), -1))
    losses = 784 * keras.losses.binary_crossentropy(
        images.reshape((len(images), -1)), drawn).numpy()
    return codes, log_vars, drawn, losses


def ink(page, selector):
    """Return the pixels of a canvas of a digit, floats in [0, 1]."""
    return np.array(page.eval_on_selector(
        selector, '''canvas => {
            const pen = new OffscreenCanvas(28, 28).getContext("2d");
            pen.drawImage(canvas, 0, 0);
            return Array.from(pen.getImageData(0, 0, 28, 28).data.filter(
                (_, i) => i % 4 == 3)); }''')) / 255


def settled(page):
    """Wait until what was asked for is drawn: two frames."""
    page.evaluate('''() => new Promise(done => requestAnimationFrame(
        () => requestAnimationFrame(done)))''')


def yours(page):
    """Return your digit, float, (784,)."""
    settled(page)
    return np.array(page.evaluate('Array.from(yours.image)'))


def draw(page, digit, left, top, side, by='mouse'):
    """Draw a digit in a part of the board, each a share of its side."""
    box = page.locator('#board').bounding_box()
    for stroke in STROKES[digit]:
        points = [(box['x'] + (left + side * x / 100) * box['width'],
                   box['y'] + (top + side * y / 100) * box['height'])
                  for x, y in stroke]
        if by == 'mouse':
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()
            continue
        finger = page.context.new_cdp_session(page)
        for kind, (x, y) in zip(['touchStart'] + ['touchMove'] * len(points),
                                points):
            finger.send('Input.dispatchTouchEvent',
                        {'type': kind, 'touchPoints': [{'x': x, 'y': y}]})
        finger.send('Input.dispatchTouchEvent',
                    {'type': 'touchEnd', 'touchPoints': []})


def nearest(images, limit=None):
    """Return of each image its nearest training digit's label and distance."""
    (x_train, y_train), _ = mnist.load_data(limit=limit)
    x_train = mnist.scale(x_train).reshape((-1, 784))
    squares = (np.sum(x_train**2, axis=1) - 2 * images @ x_train.T +
               np.sum(images**2, axis=1, keepdims=True))
    best = squares.argmin(axis=1)
    return y_train[best], np.sqrt(squares.min(axis=1))


@pytest.mark.program
def test_page_computes_what_keras_does(visit, models):
    """Codes, images and losses of 100 digits, by all four."""
    page = visit()
    images = np.array(page.evaluate('digits.map(digit => Array.from(digit))'),
                      'float32')
    assert images.shape == (100, 784)
    for task, halves in models.items():
        computed = page.evaluate('''name => digits.map(digit => {
            const result = evaluate(models[name], digit);
            return [Array.from(result.code), Array.from(result.logVar ?? []),
                    Array.from(result.image), result.loss, result.kl];
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


@pytest.mark.program
def test_test_digits_are_those_of_mnist(visit):
    """The ten of each class that come first, and their labels."""
    page = visit()
    _, (x_test, y_test) = mnist.load_data()
    for row in range(2):
        for label in range(10):
            page.locator('#digits button').nth(label).click()
            first = x_test[y_test == label][row]
            np.testing.assert_array_equal(
                np.rint(yours(page) * 255), first.ravel())
        page.locator('#others').click()


@pytest.mark.program
def test_digits_drawn_by_hand_are_like_mnist(visit):
    """In each size, at each place: as near to their class as test digits."""
    page = visit()
    drawn, places = [], ((0.05, 0.05, 0.9), (0.6, 0.1, 0.35), (0.1, 0.55, 0.4))
    for digit in STROKES:
        for place in places:
            page.locator('#clear').click()
            draw(page, digit, *place)
            drawn.append(yours(page))
    drawn = np.array(drawn)
    _, (x_test, _) = mnist.load_data(limit=300)
    _, usual = nearest(mnist.scale(x_test).reshape((-1, 784)))
    labels, distances = nearest(drawn)
    np.testing.assert_array_equal(labels, np.repeat(list(STROKES), 3))
    assert distances.max() < np.quantile(usual, 0.95)
    image = drawn.reshape((-1, 28, 28))
    for axis in (1, 2):         # MNIST's frame: the centre, and 20 pixels
        mass = image.sum(axis=3 - axis)
        np.testing.assert_allclose(
            mass @ np.arange(28) / mass.sum(axis=1), 14, atol=0.2)
    used = [np.ptp(np.argwhere(one > 0.3), axis=0).max() + 1 for one in image]
    assert min(used) >= 19 and max(used) <= 21


@pytest.mark.program
@pytest.mark.parametrize('by', ['mouse', 'finger', 'keys'])
def test_draw(visit, models, by):
    """By mouse, finger and keys; the page does not scroll meanwhile."""
    page = visit(390, 500, has_touch=True)
    page.locator('#board').scroll_into_view_if_needed()
    before, scrolled = ink(page, '#seen'), page.evaluate('scrollY')
    if by == 'keys':
        page.locator('#board').focus()
        for key in ['ArrowUp'] * 9 + [' '] + ['ArrowDown'] * 18 + [' ']:
            page.keyboard.press(key)
    else:
        draw(page, 1, 0.2, 0.1, 0.8, by)
    image = yours(page)
    assert nearest(image[None], 5000)[0] == [1]
    assert page.evaluate('scrollY') == scrolled
    np.testing.assert_allclose(ink(page, '#seen'), image, atol=0.51 / 255)
    for task, halves in models.items():
        *_, drawn, losses = evaluate(halves, image.astype('float32'))
        card = f'#card-{task[2:]}'
        np.testing.assert_allclose(ink(page, f'{card} canvas'), drawn[0],
                                   atol=0.6 / 255)
        assert page.locator(f'{card} .loss').inner_text().startswith(
            f'{losses[0]:.1f} ')
    assert 'vanilla' in page.locator('#said').inner_text()
    page.keyboard.press('Backspace') if by == 'keys' else page.locator(
        '#undo').click()
    assert not yours(page).any() and before.any()


@pytest.mark.program
def test_stroke_that_runs_shows_at_once(visit):
    """Before it ends; what leaves the board does not end it."""
    page = visit()
    box = page.locator('#board').bounding_box()
    page.mouse.move(box['x'] + 50, box['y'] + 50)
    page.mouse.down()
    page.mouse.move(box['x'] + 100, box['y'] + 100, steps=5)
    half = yours(page)
    page.mouse.move(box['x'] + 900, box['y'] + 100, steps=5)
    whole = yours(page)
    page.mouse.up()
    assert half.any() and np.abs(whole - half).max() > 0.5


@pytest.mark.program
@pytest.mark.parametrize('name', ['vanilla', 'sparse'])
def test_turn_a_unit(visit, models, name):
    """By pointer and by keys; a dead unit stays."""
    page = visit()
    page.locator(f'[value={name}]').check()
    halves = next(models[task] for task in models if task[2:] == name)
    codes, *_ = evaluate(halves, np.array(yours(page), 'float32'))
    _, (x_test, _) = mnist.load_data(limit=1000)
    largest = evaluate(halves, mnist.scale(x_test))[0].max(axis=0)
    live = int(np.argmax(largest))
    page.locator('#units').scroll_into_view_if_needed()
    box = page.locator('#units').bounding_box()
    page.mouse.move(box['x'] + (live + 0.5) / 8 * box['width'],
                    box['y'] + box['height'] * 0.9)
    page.mouse.down()
    page.mouse.move(box['x'] + (live + 0.5) / 8 * box['width'],
                    box['y'] + box['height'] * 0.25, steps=5)
    page.mouse.up()
    codes[0, live] = 0.75 * largest[live]
    np.testing.assert_allclose(
        ink(page, '#turned'), halves[1].predict(codes, verbose=0)[0],
        atol=0.02)
    value = page.locator('#units input').nth(live).input_value()
    page.keyboard.press('ArrowDown')
    assert page.locator('#units input').nth(live).input_value() < value
    page.locator('#no-code').click()
    np.testing.assert_allclose(
        ink(page, '#turned'),
        halves[1].predict(np.zeros((1, 8)), verbose=0)[0], atol=0.6 / 255)
    if name == 'vanilla':
        assert page.locator('#units input').nth(0).is_disabled()


@pytest.mark.program
def test_walk_in_the_plane(visit, models):
    """The pointer's place is decoded; keys move it; yours is the ellipse."""
    page = visit()
    _, decoder = models['3-variational']
    plane = page.locator('#plane')
    plane.scroll_into_view_if_needed()
    box, reach = plane.bounding_box(), page.evaluate('reach')
    page.mouse.move(box['x'] + box['width'] * 0.75,
                    box['y'] + box['height'] * 0.375)
    for key in (None, 'ArrowLeft'):
        if key:
            plane.focus()
            scrolled = page.evaluate('scrollY')
            page.keyboard.press(key)
        z = np.array(page.evaluate('here'))
        expected = reach * np.array([0.475 if key else 0.5, 0.25])
        np.testing.assert_allclose(z, expected, atol=0.01 * reach)
        np.testing.assert_allclose(
            ink(page, '#walked'), decoder.predict(z[None], verbose=0)[0],
            atol=0.6 / 255)
    mean, log_var, *_ = evaluate(models['3-variational'],
                                 yours(page).astype('float32'))
    ellipse = page.locator('#yours').bounding_box()
    middle = [ellipse['x'] + ellipse['width'] / 2 - box['x'],
              box['y'] + box['height'] - ellipse['y'] - ellipse['height'] / 2]
    np.testing.assert_allclose(
        (2 * np.array(middle) / box['width'] - 1) * reach, mean[0],
        atol=0.01 * reach)
    for key in ['ArrowDown'] * 5:
        page.keyboard.press(key)
    settled(page)
    assert page.evaluate('scrollY') == scrolled
    assert not page.locator('#everywhere').is_visible()
    page.locator('#everywhere-too').check()
    assert page.locator('#everywhere').is_visible()


@pytest.mark.program
def test_steps_and_samples(visit, models):
    """Steps begin at your digit and end at the other; samples are new."""
    page = visit()
    page.locator('#goals button').nth(3).click()
    ends = np.array(page.evaluate('[digits[7], digits[3]].map(digit => '
                                  'Array.from(digit))'), 'float32')
    rows = page.locator('#steps .strip')
    assert rows.count() == 5
    for row, halves in enumerate([None, *models.values()], 1):
        wanted = ends if halves is None else evaluate(halves, ends)[2]
        for cell, image in zip((1, 9), wanted):
            np.testing.assert_allclose(ink(
                page, f'#steps .strip:nth-child({row}) '
                f'canvas:nth-child({cell})'), image, atol=0.6 / 255)
    selector = '#samples .strip:nth-child(1) canvas'
    before = ink(page, selector)
    page.locator('#again').click()
    assert np.abs(ink(page, selector) - before).max() > 0.001


@pytest.mark.program
@pytest.mark.parametrize('width', [390, 1280])
@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_widths_and_themes(visit, width, scheme):
    """Nothing is wider than the screen; ink is told from paper."""
    page = visit(width, color_scheme=scheme)
    assert page.evaluate('document.documentElement.scrollWidth') <= width
    look = page.locator('#seen').evaluate(
        'canvas => getComputedStyle(canvas).filter')
    assert look == ('none' if scheme == 'light' else 'invert(1)')
    named = page.locator('canvas[role=img]').evaluate_all(
        'all => all.filter(canvas => !canvas.ariaLabel).length')
    assert named == 0


@pytest.mark.program
def test_nothing_is_asked_for(browser, models, folder):
    """The page's own policy forbids it."""
    page = browser.new_page()
    page.goto((folder / 'page.html').as_uri())
    assert page.evaluate('''() => new Promise(done => {
        addEventListener('securitypolicyviolation',
                         event => done(event.effectiveDirective));
        const image = new Image();
        image.onload = image.onerror = () => setTimeout(done, 100, 'asked');
        image.src = 'https://127.0.0.1:9/';
    })''') == 'img-src'
    page.close()


@pytest.mark.parametrize('beta', [0, 1, 5])
def test_gradients_and_steps_of_what_learns(browser, beta):
    """They are those of Keras and of its Adam, for a small model."""
    keras.utils.set_random_seed(0)
    encoder, decoder, auto = __import__('3-variational').autoencoder(
        20, [6], 2)
    random = np.random.default_rng(0)
    for weight in auto.trainable_variables:
        weight.assign(weight + random.normal(0, 0.3, weight.shape))
    x = random.random((8, 20), 'float32')
    noise = random.normal(size=(8, 2)).astype('float32')
    layers = [encoder.layers[1], encoder.get_layer('mean'),
              encoder.get_layer('log_var'), *decoder.layers[1:]]
    weights = [weight for layer in layers for weight in (
        layer.kernel, layer.bias)]
    given = [weight.numpy().ravel().tolist() for weight in weights]
    hidden, mean, log_var, *decode = layers
    adam = keras.optimizers.Adam(0.004)
    wanted = []
    for _ in range(3):
        with tf.GradientTape() as tape:
            h = hidden(x)
            z = mean(h) + tf.exp(log_var(h) / 2) * noise
            kl = tf.reduce_sum(tf.exp(log_var(h)) + mean(h)**2 - 1
                               - log_var(h), axis=1) / 2
            loss = 20 * keras.losses.binary_crossentropy(
                x, decode[1](decode[0](z))) + beta * kl
            loss = tf.reduce_mean(loss)
        gradients = tape.gradient(loss, weights)
        adam.apply_gradients(zip(gradients, weights))
        wanted.append(np.concatenate([
            np.ravel(a) for a in (*gradients, *weights)]))
    page = browser.new_page()
    page.add_script_tag(content=(
        ROOT / 'page' / 'learn.js').read_text(encoding='utf-8'))
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
    """It learns while it is told to, from the beginning, with each weight."""
    page = visit()

    def losses(until):
        """Wait for a state such as 'step 0:'; return step and loss."""
        expect(page.locator('#learn-at')).to_have_text(
            re.compile(until), timeout=120000)
        step, loss = re.findall(r'[\d.]+', page.inner_text('#learn-at'))
        return int(step), float(loss)

    page.click('#learn-run')
    assert page.inner_text('#learn-run') == 'Pause'
    assert losses(r'step \d{3,}: [12]\d\d\.')[1] < 300
    page.click('#learn-run')
    page.click('#learn-again')              # paused, it is as it was made
    _, untrained = losses('step 0:')
    assert untrained == pytest.approx(784 * np.log(2), rel=0.02)
    before = page.inner_text('#learn-at')
    drawn = page.locator('#learn-drawn canvas')
    assert drawn.count() == 18 and page.inner_text('#learn-at') == before
    plane = page.eval_on_selector('#learn-plane', """canvas => [
        ...canvas.getContext('2d').getImageData(0, 0, 520, 520).data]""")
    assert np.std(np.reshape(plane, (520, 520, 4))[..., :3]) > 5
    page.check('[name=beta][value="5"]')
    page.click('#learn-run')
    losses(r'step \d{2,}:')
    assert page.evaluate('post({running: false}), beta()') == 5


def test_what_was_drawn_is_not_lost(visit):
    """Undo brings back what a test digit or Clear took from the board."""
    page = visit()
    box = page.locator('#board').bounding_box()
    middle = box['x'] + box['width'] / 2, box['y'] + box['height'] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 20, middle[1] + 90)
    page.mouse.move(box['x'] - 300, middle[1])      # outside: on the edge
    page.mouse.up()
    strokes = page.evaluate('board.strokes')
    assert len(strokes) == 1 and np.min(strokes) == 0
    for selector in '#digits button', '#clear':
        page.locator(selector).first.click()
        assert page.evaluate('board.strokes') == []
        page.click('#undo')
        assert page.evaluate('board.strokes') == strokes


def test_escape_in_a_stroke(visit):
    """The stroke ends there; the next begins anew, held keys draw once."""
    page = visit()
    box = page.locator('#board').bounding_box()
    page.mouse.move(box['x'] + 50, box['y'] + 50)
    page.mouse.down()
    page.mouse.move(box['x'] + 90, box['y'] + 90)
    page.keyboard.press('Escape')
    page.mouse.move(box['x'] + 150, box['y'] + 90)
    page.mouse.up()
    assert page.evaluate('board.strokes') == []
    page.focus('#board')
    for _ in range(3):                              # held, it repeats
        page.keyboard.down(' ')
    assert page.evaluate('board.down') is True


def test_forced_colours(visit):
    """Digits, bars and units keep their colours; what is told, the user's."""
    page = visit(forced_colors='active', color_scheme='dark')
    colors = page.evaluate("""() => ['#board', '.bar', '.own'].map(
        name => getComputedStyle(document.querySelector(name))
            .backgroundColor)""")
    assert len(set(colors)) == 3 and 'rgb(0, 0, 0)' not in colors
    assert page.eval_on_selector(
        '.ink', 'canvas => getComputedStyle(canvas).filter') == 'invert(1)'


def test_without_javascript(browser, models, folder):
    """The page says what it needs."""
    page = browser.new_page(java_script_enabled=False)
    page.goto((folder / 'page.html').as_uri())
    assert 'JavaScript' in page.inner_text('noscript')
    assert 'loading' in page.inner_text('#hint')
    page.close()


def test_what_the_models_learned(visit):
    """A card tells its model's epochs, where they are known."""
    page = visit()
    assert ', 7 epochs' in page.inner_text('#card-sparse h3')
    assert 'epochs' not in page.inner_text('#card-vanilla h3')
    assert page.locator('#goals [aria-pressed=true]').count() == 1


@pytest.mark.parametrize('width', [320, 390, 1280])
def test_what_is_tapped(visit, width):
    """Buttons and units are 24 pixels wide, each unit is its own place's."""
    page = visit(width, has_touch=True)
    page.evaluate("""() => {        // as many units as the real ones have
        turned.largest = Array(32).fill(1);
        yours.results.vanilla.code = Array(32).fill(0);
        turned.decode = () => yours.image;
        chooseUnits('vanilla'); }""")
    sides = page.eval_on_selector_all('button, #units input', """all =>
        all.map(({offsetWidth: a, offsetHeight: b}) => Math.min(a, b))""")
    assert min(sides) >= 24
    for unit in 0, 13, 31:
        place = page.locator('#units input').nth(unit)
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        page.touchscreen.tap(box['x'] + box['width'] / 2,
                             box['y'] + box['height'] / 4)
        assert float(place.input_value()) == pytest.approx(0.75, abs=0.05)
    values = page.evaluate('sliders.filter(({value}) => value > 0).length')
    assert values == 3


def test_start_again_while_a_state_is_on_its_way(visit):
    """What was told before it is not shown after it."""
    page = visit()
    page.click('#learn-run')
    page.evaluate("""() => new Promise(done => {
        const {worker} = watched, hear = worker.onmessage;
        worker.onmessage = event => {
            hear(event);
            if (event.data.step) done(window.old = event); }; })""")
    assert page.evaluate("""() => new Promise(done => {
        new MutationObserver(() => done(byId('learn-at').textContent))
            .observe(byId('learn-at'), {childList: true});
        byId('learn-again').click();
        watched.worker.onmessage(old); })""").startswith('step 0:')


def test_hidden_while_the_digits_are_unpacked(visit):
    """The worker begins when the page is seen again."""
    page = visit()
    assert page.evaluate("""() => new Promise(done => {
        const send = Worker.prototype.postMessage;
        Worker.prototype.postMessage = function (change) {
            send.call(this, change);
            done(change.running); };
        Object.defineProperty(document, 'hidden', {get: () => true});
        byId('learn-run').click(); })""") is False


def test_phone(visit):
    """Four answers on the first screen; ideas, and choices in one line."""
    page = visit(390, 844)
    bars = page.locator('.bar').evaluate_all(
        'all => all.map(bar => bar.getBoundingClientRect().bottom)')
    assert max(bars) <= 844
    assert page.locator('#ideas p').nth(3).is_visible()
    tops = page.locator('.tools label').evaluate_all(
        'all => all.slice(0, 3).map(label => label.offsetTop)')
    assert len(set(tops)) == 1


def test_rows_are_named(visit):
    """A row of digits is one picture, not nine."""
    page = visit()
    names = page.locator('.strip [role=img]').evaluate_all(
        'all => all.map(row => row.ariaLabel)')
    assert names[0] == 'pixels: 9 digits' and len(names) == 9


def test_laptop_is_filled(visit):
    """At 1280 pixels no part of the page leaves the right quarter empty."""
    page = visit(1280)
    right = page.locator('main > section, main > div').evaluate_all(
        """all => all.map(part => Math.max(
            ...[...part.querySelectorAll('canvas')].map(
                canvas => canvas.getBoundingClientRect().right)))""")
    assert len(right) == 5 and min(right) > 0.75 * 1280


def test_a_slow_page_is_not_told_more(visit):
    """What learns waits until the page has drawn: it stays usable."""
    page = visit()
    page.click('#learn-run')
    expect(page.locator('#learn-at')).to_have_text(re.compile(r'step \d{2}'),
                                                   timeout=120000)
    assert page.evaluate("""() => new Promise(done => {
        const end = performance.now() + 3000;
        while (performance.now() < end);            // a slow page
        let told = 0;
        watched.worker.onmessage = () => told++;
        setTimeout(done, 300, 'late');
        setTimeout(() => done(told), 100); })""") <= 1


def test_nothing_is_pressed_while_the_page_loads(browser, models, folder):
    """Until the weights have come, no control takes what it will forget."""
    page = browser.new_page()
    html = (folder / 'page.html').read_text(encoding='utf-8')
    page.set_content(html.split('<script type="text/worker"')[0])
    page.mouse.move(0, 0)
    page.keyboard.press('Tab')
    assert page.evaluate("document.activeElement.closest('main')") is None
    box = page.locator('[value=sparse]').bounding_box()
    page.mouse.click(box['x'] + 5, box['y'] + 5)
    assert page.locator('[value=vanilla]').is_checked()
    assert 'loading' in page.inner_text('#hint')
    page.close()


def test_back_to_the_page(browser, models, folder):
    """The units are what they show, not what they were before."""
    page = browser.new_page()
    page.goto((folder / 'page.html').as_uri())
    page.click('#no-code')
    page.goto('about:blank')
    page.go_back()
    page.wait_for_selector('#samples canvas')
    assert page.evaluate("""() => sliders.every(slider => Math.abs(
        slider.style.getPropertyValue('--value') -
        slider.value / slider.max) < 1e-6)""")
    page.close()


def test_tab_in_a_stroke_of_the_keys(visit):
    """The stroke ends there: the rest of the page goes on from it."""
    page = visit()
    page.focus('#board')
    for key in [' ', *['ArrowDown'] * 9, 'Tab']:
        page.keyboard.press(key)
    settled(page)
    np.testing.assert_allclose(
        page.evaluate('sliders.map(({value}) => Number(value))')[1:],
        page.evaluate('[...yours.results.vanilla.code]')[1:], atol=1e-5)


def test_low_window(visit):
    """At 200 % the board is lower than the window, its hint in its middle."""
    page = visit(700, 400)
    board, hint = (page.locator(name).bounding_box()
                   for name in ('#board', '#hint'))
    assert board['height'] < 400
    assert hint['x'] + hint['width'] / 2 == pytest.approx(
        board['x'] + board['width'] / 2, abs=2)


def test_what_a_full_bar_is(visit):
    """A bar ends at as many nats as the page says."""
    page = visit()
    assert f"a full one {page.evaluate('FULL')} or more" in page.inner_text(
        '.note:has(.mark)')
