// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/banner.h"

#include "app/gui/icons.h"
#include "app/gui/live_data.h"
#include "app/gui/theme.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>

namespace weir::gui {

Banner::Banner(LiveData &live, QWidget *parent)
    : QFrame(parent), m_live(live), m_icon(new QLabel), m_title(new QLabel), m_text(new QLabel),
      m_retry(new QPushButton(tr("Try again")))
{
    setProperty("banner", true);
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    m_title->setFont(bold);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_text);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 10, 16, 10);
    layout->setSpacing(14);
    layout->addWidget(m_icon);
    layout->addLayout(words, 1);
    layout->addWidget(m_retry);
    connect(m_retry, &QPushButton::clicked, &live, &LiveData::retry);
    connect(&live, &LiveData::reachChanged, this, &Banner::follow);
    const auto dress = [this] {
        m_icon->setPixmap(
            lineIcon(Icon::Warning, colours().warning).pixmap(QSize(26, 26), devicePixelRatioF()));
    };
    connect(&Theme::instance(), &Theme::changed, this, dress);
    dress();
    follow();
}

QString Banner::title() const
{
    return m_title->text();
}

void Banner::follow()
{
    const qint64 lastMs = m_live.links().timeMs();
    const QString figures = lastMs == 0 ? QString()
                                        : QLatin1Char(' ')
            + tr("The figures below are of %1.")
                  .arg(QLocale().toString(QDateTime::fromMSecsSinceEpoch(lastMs).time(),
                                          QStringLiteral("HH:mm:ss")));
    switch (m_live.reach()) {
    case Reach::Connecting:
    case Reach::Live:
        hide();
        return;
    case Reach::Away:
        m_title->setText(tr("The Weir service is not running."));
        m_text->setText(
            tr("Start it with: sudo systemctl start weir. This window goes on by itself when it is back.")
            + figures);
        break;
    case Reach::Denied:
        m_title->setText(tr("You may not see this machine's traffic."));
        m_text->setText(
            tr("Users at this machine's screen and members of the group “weir” may. To join the group: "
               "sudo usermod -aG weir $USER, then log in again.")
            + figures);
        break;
    case Reach::Failed:
        m_title->setText(tr("The Weir service does not answer as expected."));
        m_text->setText(tr("It says: %1").arg(m_live.reachError().message) + figures);
        break;
    }
    show();
}

} // namespace weir::gui
