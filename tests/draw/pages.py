"""Pages in a real browser."""

from __future__ import annotations


class Page:
    """A page that was written to a file and opened."""

    def __init__(self, browser, path):
        self.browser = browser
        browser.get_log("browser")
        browser.get(path.as_uri())

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def press(self, *keys):
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def texts(self, selector):
        return [each.text for each in self.browser.find_elements("css selector", selector)]

    def complaints(self):
        return self.browser.get_log("browser")
