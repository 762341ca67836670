"""The stream of a page, which a test may cut."""

from playwright.sync_api import Page, WebSocketRoute

CUT = "cut by the test"


class Wire:
    """From a reload of the page on."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._lines: list[WebSocketRoute] = []
        page.route_web_socket("**/api/v1/stream", self._connect)
        page.reload()

    def cut(self) -> None:
        """Until it is mended. It says why."""
        self._is_cut = True
        while self._lines:
            self._lines.pop().close(code=1001, reason=CUT)

    def mend(self) -> None:
        self._is_cut = False

    def _connect(self, line: WebSocketRoute) -> None:
        if self._is_cut:
            line.close(code=1001, reason=CUT)
        else:
            line.connect_to_server()
            self._lines.append(line)
