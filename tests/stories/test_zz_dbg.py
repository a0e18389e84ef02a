from tests.stories.test_announcement_story import *
async def test_x(slack):
    world, driver = slack
    try:
        await test_everybody_reads_it_in_their_language_confirms_and_is_asked_again(world)
    except AssertionError:
        print(world["helen"].text[-3500:]); print('LAST', world["helen"].last)
        raise
